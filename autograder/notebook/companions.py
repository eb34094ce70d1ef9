"""A student's own files: what came beside a notebook (helper.py, weights.npy, a package), or travels in its metadata.

They are put into the working folder of the student's jail and nowhere else; nothing here is executed or written. Bounded in
number and bytes; names are checked; links are not followed; a file with a library's name is left out: the library is used.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
import stat
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from autograder.errors import SubmissionError
from autograder.model import Companions
from autograder.notebook.archive import is_archive, read_files
from autograder.notebook.submitted_file import archive_and_member, read_bytes
from autograder.report.printable import one_line, printable_name
from course_lib.packages import PACKAGES

MAX_FILES, MAX_FILE_BYTES, MAX_BYTES = 200, 8_000_000, 16_000_000
_MAX_ENTRIES, _MAX_DEPTH, _MAX_NAME = 2_000, 5, 100
_MOST_NAMES = 8
# A name of one part: no blank at its ends, nothing that steers a terminal, not hidden.
_PART = re.compile(r"[^\W][\w \-+.,()@=&']{0,98}|\w")
_NOT_THEIRS = frozenset({"timestamp.txt", "submission_secret.txt", "desktop.ini", "thumbs.db", "submission_metadata.yml"})
_NOT_NEEDED = (".ipynb", ".pyc", ".pyo", ".so", ".pyd", ".dll", ".dylib", ".exe", ".html", ".pdf")
_NOT_ENTERED = frozenset({
    "__pycache__", "__macosx", "node_modules", "venv", "env", "site-packages", "hand_in", "ipython", "matplotlib",
})  # fmt: skip
_OURS = {"jaxlib", "course_lib", "autograder", "IPython", "otter", "nbgrader"}
LIBRARIES = frozenset(sys.stdlib_module_names) | PACKAGES.keys() | _OURS
_SUBMISSION_MB = 40.0


@dataclass(frozen=True)
class Brought:
    """The files that a submission brings along, read.

    Attributes:
        files: name beside the notebook -> content.
        beside: those of them that the notebook does not carry itself.
        notes: lines for the student's page.
    """

    files: Mapping[str, bytes]
    beside: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def modules(self) -> dict[str, str]:
        """Dotted module name -> source, of the Python files."""
        return {module_name(name): data.decode("utf-8", "replace") for name, data in self.files.items() if name.endswith(".py")}

    def identity(self, sha256: str) -> str:
        """The hash of a notebook together with the files beside it; its own where there are none."""
        if not self.beside:
            return sha256
        digest = hashlib.sha256(sha256.encode())
        for name in sorted(self.beside):
            digest.update(f"\0{name}\0".encode() + hashlib.sha256(self.files[name]).digest())
        return digest.hexdigest()


NOTHING = Brought({})


def module_name(name: str) -> str:
    """The module that a file is: "mylib.ops" of "mylib/ops.py", "mylib" of "mylib/__init__.py"."""
    parts = name.removesuffix(".py").split("/")
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


# Finding -------------------------------------------------------------------------------------------------------------


def in_folder(folder: Path, skip: Iterable[str] = ()) -> Companions:
    """What lies in a student's own folder and below it.

    Args:
        skip: names of files there that are none of theirs.
    """
    return _selected(folder, [(name, name, size) for name, size in _walk(folder, set(skip))])


def alone_in_folder(notebook: Path) -> Companions:
    """What lies beside a notebook, where it is the only one in its folder: then the folder is its student's."""
    others = [path for path in notebook.parent.glob("*.ipynb") if path.name != notebook.name]
    return Companions() if others or notebook.suffix != ".ipynb" else in_folder(notebook.parent)


def _walk(folder: Path, skip: set[str]) -> list[tuple[str, int]]:
    """(name below `folder`, bytes) of regular files; no link is followed."""
    found: list[tuple[str, int]] = []
    waiting, seen = [("", 0)], 0
    while waiting:
        below, depth = waiting.pop()
        try:
            with os.scandir(folder / below) as listed:
                entries = sorted(listed, key=lambda e: os.fsencode(e.name))
        except OSError:
            continue
        for entry in entries:
            seen += 1
            if seen > _MAX_ENTRIES:
                return found
            name = f"{below}{entry.name}"
            if entry.is_dir(follow_symlinks=False) and depth < _MAX_DEPTH and entry.name.lower() not in _NOT_ENTERED:
                waiting.append((f"{name}/", depth + 1))
            elif name not in skip and entry.is_file(follow_symlinks=False):
                found.append((name, _size(entry)))
    return found


def _size(entry: os.DirEntry) -> int:
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:
        return 0
    return status.st_size if stat.S_ISREG(status.st_mode) else 0


def in_archive(container: Path, folder: Sequence[str], names: Iterable[Sequence[str]]) -> Companions:
    """What lies in a folder of an archive.

    Args:
        folder: parts of the notebook's folder in it; () at its root.
        names: the places of all files in the archive.
    """
    depth = len(folder)
    below = ["/".join(parts[depth:]) for parts in names if tuple(parts[:depth]) == tuple(folder)]
    return _selected(container, [(name, "/".join((*folder, name)), 0) for name in below])


def renamed(container: Path, originals: Mapping[str, str]) -> Companions:
    """Files that a platform gave other names: place below `container` -> the name that the student gave it."""
    return _selected(container, [(name, place, 0) for place, name in originals.items()])


def _selected(container: Path, candidates: list[tuple[str, str, int]]) -> Companions:
    files, notes, total = [], [], 0
    # Code first, then what is small: a bound must not cost what the notebook imports.
    for name, place, size in sorted(candidates, key=lambda c: (not c[0].endswith(".py"), c[2], c[0])):
        why = _why_not(name)
        if why is None:
            continue
        total += size
        if not why and (size > MAX_FILE_BYTES or total > MAX_BYTES or len(files) == MAX_FILES):
            why = f"{MAX_FILES} files of {MAX_FILE_BYTES // 10**6} MB, {MAX_BYTES // 10**6} MB in all, are the most"
        if why:
            total -= size
            notes.append(f"{_shown(name)}, beside the notebook, was left out: {why}.")
        else:
            files.append((name, place))
    return Companions(str(container) if files else "", tuple(sorted(files)), tuple(notes[:_MOST_NAMES]))


def _why_not(name: str) -> str | None:
    """Why a file is left out, for its student; "" if it is not; None if nobody needs to know."""
    parts = PurePosixPath(name).parts
    last = parts[-1].lower() if parts else ""
    hidden = any(part.startswith(".") or part.lower() in _NOT_ENTERED for part in parts)
    if not parts or hidden or last in _NOT_THEIRS or last.endswith(_NOT_NEEDED) or is_archive(last):
        return None
    if len(name) > _MAX_NAME or len(parts) > _MAX_DEPTH + 1 or not all(_PART.fullmatch(part) for part in parts):
        return "its name cannot be used; take letters, digits, - and _"
    root = parts[0].removesuffix(".py")
    if last.endswith(".py") and root in LIBRARIES:
        return f"{root} is the name of a library, and the library is used"
    return ""


def _shown(name: str) -> str:
    return f"`{one_line(printable_name(name), 80)}`"


# Reading -------------------------------------------------------------------------------------------------------------


def read(companions: Companions, carried: Sequence[tuple[str, str]] = ()) -> Brought:
    """The files themselves. What cannot be read is left out, with a note.

    Args:
        companions: as found; what lies beside a notebook goes before what it carries.
        carried: (name, base64) from the notebook's metadata, where `grader.submit()` put them.
    """
    notes, files, beside = list(companions.notes), _carried(carried), {}
    if companions.files:
        try:
            beside = _read_all(companions, notes)
        except SubmissionError as problem:
            notes.append(str(problem))
    files |= beside
    while files and (len(files) > MAX_FILES or sum(map(len, files.values())) > MAX_BYTES):
        largest = max(files, key=lambda name: len(files[name]))
        del files[largest]
        notes.append(f"{_shown(largest)}, beside the notebook, was left out: {MAX_BYTES // 10**6} MB in all are the most.")
    if files:
        names = ", ".join(_shown(name) for name in sorted(files)[:_MOST_NAMES])
        more = f" and {len(files) - _MOST_NAMES} more" if len(files) > _MOST_NAMES else ""
        notes.append(f"In the notebook's folder when it was graded: {names}{more}.")
    return Brought(files, tuple(name for name in beside if name in files), tuple(notes))


def _read_all(companions: Companions, notes: list[str]) -> dict[str, bytes]:
    container, found = Path(companions.container), {}
    if container.is_dir():
        for name, place in companions.files:
            path = container / place
            try:
                found[name] = read_bytes(path, MAX_FILE_BYTES / 1e6, within=container, may_be_empty=True)
            except SubmissionError as problem:
                notes.append(f"{problem} It was left out.")
        return found
    names = {tuple(place.split("/")): name for name, place in companions.files}
    return {names[parts]: data for parts, data in _in_archive(container, set(names)).items()}


def _in_archive(container: Path, wanted: set[tuple[str, ...]]) -> dict[tuple[str, ...], bytes]:
    shown = one_line(printable_name(container.name), 80)
    if container.is_file() and container.stat().st_size > _SUBMISSION_MB * 1e6:  # a platform's download of a class
        with open(container, "rb") as file:
            return read_files(file, wanted, shown, MAX_FILE_BYTES, MAX_BYTES)
    inside = archive_and_member(container)
    data = read_bytes(container, _SUBMISSION_MB, within=(inside[0] if inside else container).parent)
    return read_files(data, wanted, shown, MAX_FILE_BYTES, MAX_BYTES)


def _carried(carried: Sequence[tuple[str, str]]) -> dict[str, bytes]:
    files = {}
    for name, text in carried[:MAX_FILES]:
        if _why_not(name) == "" and len(text) <= 2 * MAX_FILE_BYTES:
            try:
                files[name] = base64.b64decode(text, validate=True)
            except (binascii.Error, ValueError):
                continue
    return files
