"""PUBLIC: what `grader.submit()` can see of a notebook and its file that may go wrong when it is graded.

Only text is looked at; nothing is run. Each warning is one line that names the cell and what to do.
"""

from __future__ import annotations

import ast
import glob
import json
import os
import re
from collections.abc import Iterator, Sequence

from course_lib import cell_places

_KINDS = ("code", "markdown", "raw")
_ASKS = re.compile(r"(?<![\w.\"'#])(?:(input)\s*\(|(getpass)\s*\.\s*getpass\s*\()")
_MERGE = re.compile(r"^(?:<{7}|>{7})(?: |$)|^={7}$", re.MULTILINE)
_COPY = re.compile(
    r"^(?:copy|kopie|copie|copia|cópia|kopia|kopi)\s+(?:\(\d+\)\s+)?(?:of|von|de|di|van|av|af)\s|\(\d{1,3}\)$|[(\[].*(?:conflict|konflikt"
    r"|copy|kopie|copie|copia|冲突|副本).*[)\]]$|[\s_-](?:copy|kopie|copie|copia|cópia|kopia|副本|コピー)[\s_-]?\d{0,3}$|-checkpoint$"
    r"|sync-conflict|[\s_-](?:final|v\d+)$|\s\d{1,2}$",
    re.IGNORECASE,
)
_MOST = 12


def warnings(content: dict, path: str, assignment: str, names: Sequence[str]) -> list[str]:
    """One line for everything that may go wrong.

    Args:
        content: the notebook's JSON.
        path: its file; "" where there is none (Colab).
        assignment: its id, by which other copies of it are known.
        names: what the questions ask for, e.g. ("swish", "Tower").
    """
    cells = [c for c in content.get("cells", []) if isinstance(c, dict)]
    found = [*_about_cells(cells), *_about_definitions(cells, names)]
    if path:
        found += [*_about_name(path, assignment), *_about_git(path)]
    return found[:_MOST]


def _source(cell: dict) -> str:
    text = cell.get("source", "")
    return "".join(map(str, text)) if isinstance(text, list) else str(text)


def _about_cells(cells: Sequence[dict]) -> Iterator[str]:
    for place, cell in zip(_places(cells), cells, strict=True):
        kind, text = cell.get("cell_type"), _source(cell)
        if kind not in _KINDS:
            yield (
                f"{place} is of a kind that notebooks do not have ({kind!r}); it may not be run when it is graded. Make "
                "it a code or a text cell."
            )
        if kind == "code" and (asks := _asks(text)):
            yield (
                f"{place} asks for something to be typed in ({asks}); nobody answers when it is graded, and what hangs on "
                "it fails. Write the value into the cell."
            )
        if _MERGE.search(text) and "<<<<<<<" in text and ">>>>>>>" in text:
            yield f"{place} holds the marks of a merge conflict (<<<<<<<, >>>>>>>). Keep one side and delete the marks."


def _places(cells: Sequence[dict]) -> list[str]:
    """How each cell is named at the beginning of a sentence."""
    given = cell_places.numbers((str(c.get("cell_type")), _source(c)) for c in cells)
    named = [cell_places.place(number, _source(c)) for number, c in zip(given, cells, strict=True)]
    return [name[0].upper() + name[1:] for name in named]


def _asks(text: str) -> str:
    """`input()` or `getpass()`, if a cell calls it outside of functions or in them; "" if not."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # magics, or not finished
        match = _ASKS.search(text)
        return f"{match[1] or match[2]}()" if match else ""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name in ("input", "getpass") and not (name == "input" and isinstance(node.func, ast.Attribute)):
                return f"{name}()"
    return ""


def _about_definitions(cells: Sequence[dict], names: Sequence[str]) -> Iterator[str]:
    """What a question asks for and more than one cell defines: only the last counts."""
    places: dict[str, list[str]] = {}
    for place, cell in zip(_places(cells), cells, strict=True):
        if cell.get("cell_type") != "code" or "demo" in (cell.get("metadata", {}).get("tags") or ()):
            continue
        try:
            body = ast.parse(_source(cell)).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name in names:
                places.setdefault(node.name, []).append(place[0].lower() + place[1:])
    for name, found in places.items():
        if len(found) > 1:
            listed = " and ".join(dict.fromkeys(found))
            yield f"`{name}` is defined {len(found)} times, in {listed}; the last one counts. Delete the others."


def _about_name(path: str, assignment: str) -> Iterator[str]:
    name = os.path.basename(path)
    others = [o for o in _same_assignment(os.path.dirname(os.path.abspath(path)), assignment) if o != name]
    newer = [o for o in others if _modified(os.path.join(os.path.dirname(path), o)) > _modified(path)]
    if _COPY.search(re.sub(r"\.ipynb$", "", name, flags=re.IGNORECASE)):
        beside = f" Beside it lie {', '.join(others[:3])}." if others else ""
        yield f"This notebook's file is called {name}, like a copy.{beside} Make sure that it is the one that you worked in last."
    elif newer:
        listed = ", ".join(newer[:3])
        yield f"Beside it lies a newer notebook of {assignment}: {listed}. Make sure that this is the one to hand in."


def _same_assignment(folder: str, assignment: str) -> list[str]:
    """Names of the notebooks of this assignment in a folder."""
    found = []
    for path in sorted(glob.glob(os.path.join(glob.escape(folder), "*.ipynb")))[:50]:
        try:
            if os.path.getsize(path) > 50_000_000:
                continue
            with open(path, encoding="utf-8") as stream:
                if json.load(stream)["metadata"]["autograder"]["assignment"] == assignment:
                    found.append(os.path.basename(path))
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            continue
    return found


def _modified(path: str) -> float:
    try:
        return os.path.getmtime(path)
    except OSError:
        return 0.0


def _about_git(path: str) -> Iterator[str]:
    """A repository that keeps notebooks in Git LFS hands out pointers of three lines in their place."""
    folder = os.path.dirname(os.path.abspath(path))
    for _ in range(12):
        try:
            with open(os.path.join(folder, ".gitattributes"), encoding="utf-8", errors="replace") as stream:
                if re.search(r"^\s*\S*ipynb\s.*filter=lfs", stream.read(100_000), re.MULTILINE):
                    yield (
                        "This repository keeps notebooks in Git LFS: what its website or an unfinished clone gives for the "
                        "file is a pointer of three lines. Hand in the file from your own folder."
                    )
                    return
        except OSError:
            pass
        if os.path.isdir(os.path.join(folder, ".git")) or os.path.dirname(folder) == folder:
            return
        folder = os.path.dirname(folder)
