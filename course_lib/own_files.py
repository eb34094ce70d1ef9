"""PUBLIC: what a notebook imports or reads from its own folder, so that `grader.submit()` can send it along.

Read from the text of the cells; nothing is run. The files travel in the notebook's metadata: one file is handed in, whatever the
platform makes of names and folders.
"""

from __future__ import annotations

import ast
import base64
import glob
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from course_lib.cell_text import parse_cell

FILES = "files"  # the key in the metadata of ours that holds them
MAX_BYTES, MAX_FILES = 8_000_000, 100
_NEVER = ("hand_in", "__pycache__", "node_modules", "course_lib")


@dataclass(frozen=True)
class OwnFiles:
    """The files of a notebook's folder that it needs.

    Attributes:
        files: name below the folder, with "/" -> content in base64.
        notes: what will be missing when the notebook is graded, and what to do, one line each.
    """

    files: dict[str, str]
    notes: tuple[str, ...] = ()


def own_files(cells: Sequence[str], folder: str) -> OwnFiles:
    """What the code cells import, and which files they name, in `folder` and below it.

    Args:
        cells: sources; what is no Python is passed over.
        folder: the notebook's.
    """
    found: dict[str, None] = {}
    outside: dict[str, None] = {}
    waiting = [tree for cell in cells if (tree := _parsed(cell)) is not None]
    while waiting:
        tree = waiting.pop()
        for name in (*_modules(tree, folder), *_named(tree, folder, outside)):
            if name not in found:
                found[name] = None
                if name.endswith(".py") and (inner := _parsed(_text(os.path.join(folder, name)))) is not None:
                    waiting.append(inner)
    files, notes, room = {}, [], MAX_BYTES
    for name in sorted(found):
        data = _bytes(os.path.join(folder, name), room)
        if data is None or len(files) == MAX_FILES:
            notes.append(
                f"{name} is too large to go along ({MAX_BYTES // 10**6} MB and {MAX_FILES} files are the most) and will be "
                "missing when this is graded. If an answer needs it, ask the course staff."
            )
        else:
            files[name], room = base64.b64encode(data).decode(), room - len(data)
    for path in list(outside)[:5]:
        notes.append(
            f"{path} is not in the notebook's folder and will be missing when this is graded. If an answer needs it, copy it "
            "beside the notebook, read it from there, and run this again."
        )
    return OwnFiles(files, tuple(notes))


def _parsed(source: str) -> ast.Module | None:
    try:
        return parse_cell(source)
    except SyntaxError:
        return None


def _modules(tree: ast.Module, folder: str) -> Iterator[str]:
    """Files of the modules and packages of `folder` that are imported (a package whole)."""
    roots: dict[str, None] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            roots.update((alias.name.partition(".")[0], None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            roots[node.module.partition(".")[0]] = None
    for root in roots:
        if os.path.isfile(os.path.join(folder, f"{root}.py")):
            yield f"{root}.py"
        elif os.path.isdir(os.path.join(folder, root)):
            yield from (name for name in _below(folder, root) if name.endswith(".py"))


def _named(tree: ast.Module, folder: str, outside: dict[str, None]) -> Iterator[str]:
    """Files that a text in the code names: "weights.npy", "data/*.csv", the folder "data"."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Constant) and isinstance(node.value, str) and 0 < len(node.value) < 200):
            continue
        text = node.value.strip()
        if "\n" in text or "\0" in text or not text.strip("./\\ "):
            continue
        path = os.path.normpath(os.path.join(folder, os.path.expanduser(text)))
        below = os.path.relpath(path, folder) if path.startswith(os.path.abspath(folder) + os.sep) else ""
        if not below:
            if os.path.isfile(path) and (os.path.isabs(path) and not path.startswith(("/dev/", "/proc/"))):
                outside[text] = None
            continue
        if os.path.isfile(path):
            yield from _allowed([below])
        elif os.path.isdir(path):
            yield from _below(folder, below)
        elif glob.has_magic(text):
            matches = glob.glob(below, root_dir=folder, recursive=True)[:MAX_FILES]
            yield from _allowed(m for m in matches if os.path.isfile(os.path.join(folder, m)))


def _below(folder: str, start: str) -> Iterator[str]:
    count = 0
    for place, folders, names in os.walk(os.path.join(folder, start)):
        folders[:] = sorted(f for f in folders if f not in _NEVER and not f.startswith("."))
        for name in _allowed(os.path.relpath(os.path.join(place, n), folder) for n in sorted(names)):
            count += 1
            if count > MAX_FILES:
                return
            yield name


def _allowed(names) -> Iterator[str]:
    for name in names:
        parts = name.replace(os.sep, "/").split("/")
        if not any(part.startswith(".") or part in _NEVER for part in parts) and not name.endswith((".ipynb", ".pyc")):
            yield "/".join(parts)


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.read(1_000_000)
    except OSError:
        return ""


def _bytes(path: str, most: int) -> bytes | None:
    """The content, or None where it has more bytes than that."""
    try:
        if os.path.getsize(path) > most:
            return None
        with open(path, "rb") as stream:
            return stream.read()
    except OSError:
        return None
