"""What lies in a folder or archive, looked at, not judged: every notebook's bytes hashed, its metadata read, its time found.

The rule is told in `autograder.notebook.intake`. Nothing is executed, and nothing outside the folder is followed.
"""

from __future__ import annotations

import hashlib
import os
import re
import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from autograder.errors import CourseError, SubmissionError
from autograder.model import FILE_DATE
from autograder.notebook.archive import (
    MAX_WANTED_MB,
    Member,
    bulk_names,
    is_archive,
    looks_like_notebook,
    read_archive,
    why_not_graded,
)
from autograder.notebook.choosing import LONG_AGO, Found
from autograder.notebook.naming import is_notebook_name, may_be_notebook
from autograder.notebook.platforms import Platform, recognise
from autograder.notebook.submission import parse_submission
from autograder.notebook.submitted_file import display_name, read_bytes
from autograder.report.printable import one_line, shown_path
from autograder.roster import Roster

MAX_FOLDER_DEPTH = 20
_IGNORED = frozenset({"__macosx", "desktop.ini", "thumbs.db", "timestamp.txt", "submission_secret.txt"})
_ARCHIVES = frozenset({".gz", ".bz2", ".xz", ".7z", ".rar"})


@dataclass
class Heap:
    """What a walk brings together."""

    assignment_id: str
    max_mb: float
    zone: tzinfo
    found: list[Found] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    platform: Platform | None = None
    roster: Roster | None = None
    dated: bool = False  # the dates in an archive may be hand-in times


def archive_stem(name: str) -> str:
    return re.sub(r"(\.tar)?\.[A-Za-z0-9]+$", "", name, flags=re.IGNORECASE)


def require_folder(root: Path) -> None:
    if not root.exists():
        raise CourseError(f"{shown_path(root)}: there is no such folder. Give the one that holds the students' notebooks.")
    if not root.is_dir():
        raise CourseError(f"{shown_path(root)}: neither folder nor notebook. Give the folder of the students' notebooks.")


def notebooks_below(folder: Path, root: Path, depth: int, problems: list[tuple[str, str]]) -> Iterator[Path]:
    """Every entry named *.ipynb, and every archive, below `folder`, sorted; all else goes to `problems`."""
    try:
        with os.scandir(folder) as entries:
            listed = sorted(entries, key=lambda e: os.fsencode(e.name))
    except OSError as problem:
        if folder == root:
            raise CourseError(f"{shown_path(root)}: the folder cannot be listed. Give it read permission.") from None
        problems.append((shown_path(folder), f"the folder cannot be listed ({problem.strerror}); nothing in it was graded"))
        return
    counted = [e for e in listed if not (e.name.startswith(".") or e.name.lower() in _IGNORED)]
    if not counted and folder != root:
        problems.append((shown_path(folder), "an empty folder: nothing was handed in here"))
    for entry in counted:
        path = folder / entry.name
        if is_notebook_name(entry.name) or (entry.is_file(follow_symlinks=False) and _is_work(path)):
            yield path
        elif entry.is_dir(follow_symlinks=False):
            if depth < MAX_FOLDER_DEPTH:
                yield from notebooks_below(path, root, depth + 1, problems)
            else:
                problems.append((shown_path(path), f"more than {MAX_FOLDER_DEPTH} folders deep; nothing in it was graded"))
        else:
            problems.append((shown_path(path), _why_no_notebook(entry)))


def _is_work(path: Path) -> bool:
    """Whether a regular file is an archive, or a notebook under another ending."""
    if is_archive(path.name):
        return True
    if not may_be_notebook(path.name):
        return False
    try:
        return looks_like_notebook(read_bytes(path, MAX_WANTED_MB))
    except SubmissionError:
        return False


def _why_no_notebook(entry: os.DirEntry) -> str:
    if entry.is_symlink():
        return "a link, which is not followed; copy what it leads to into the folder"
    if not entry.is_file(follow_symlinks=False):
        return "a pipe, socket or device; not graded"
    suffix = os.path.splitext(entry.name)[1].lower()
    if suffix in _ARCHIVES:
        return "an archive of a kind that is not read; unpack it and collect again"
    if suffix == ".json" or entry.name.lower().endswith((".ipynb.txt", ".ipynb.html")):
        return "not named like a notebook; if it is one, rename it to end in .ipynb"
    return why_not_graded(entry.name)


def look_into(path: Path, root: Path, heap: Heap) -> list[Found]:
    """The notebook at `path`, or those in the archive there."""
    if is_notebook_name(path.name) or not is_archive(path.name):
        return [_look(path, root, heap)]
    shown, where = shown_path(path), path.relative_to(root).parts
    if heap.platform is not None and heap.platform.whose(where):
        folder = where
    else:
        folder = (*where[:-1], archive_stem(path.name))
        _warn_of_bulk(path, shown, heap)
    when, source = _handed_in(path, heap.platform is None)
    try:
        members, notes = read_archive(read_bytes(path, heap.max_mb, within=root), display_name(path), heap.max_mb)
    except Exception as problem:
        # Grading this place finds the same problem again, and says so.
        place = path / "notebook.ipynb"
        return [Found(place, shown, (*folder, place.name), when, source, "", "", _why(problem, path))]
    heap.problems += [(shown, note) for note in notes]
    return [look_at_member(path, m, (*folder, *m.parts), when, source) for m in members]


def _why(problem: Exception, path: Path) -> str:
    """Why a file cannot be read. What is no SubmissionError is a mistake of ours; it must not take the class with it."""
    if isinstance(problem, SubmissionError):
        return str(problem)
    words = one_line(f"{type(problem).__name__}: {problem}", 200)
    return f"{display_name(path)}: the grader itself failed to read this file ({words}); tell its authors, and keep it"


def _warn_of_bulk(path: Path, shown: str, heap: Heap) -> None:
    if not path.name.lower().endswith(".zip"):
        return
    names = bulk_names(path)
    platform = recognise(names, lambda parts: None)
    if platform is not None and len({h.name for parts in names for h in platform.whose(parts)}) > 1:
        line = f"looks like a download of a whole class from {platform.name}; if it is, give --from this file and not its folder"
        heap.problems.append((shown, line))


def look_at_member(path: Path, member: Member, parts: tuple[str, ...], when: datetime | None, source: str) -> Found:
    place = path.joinpath(*member.parts)
    said = unreadable = ""
    try:
        said = parse_submission(member.data, display_name(place)).assignment_id
    except Exception as problem:
        unreadable = _why(problem, place)
    sha256 = hashlib.sha256(member.data).hexdigest()
    return Found(place, shown_path(place), parts, when, source, sha256, said, unreadable)


def _look(path: Path, root: Path, heap: Heap) -> Found:
    sha256 = said = unreadable = ""
    try:
        data = read_bytes(path, heap.max_mb, within=root)
        sha256 = hashlib.sha256(data).hexdigest()
        said = parse_submission(data, path.name).assignment_id
    except Exception as problem:
        unreadable = _why(problem, path)
    parts = path.relative_to(root).parts
    return Found(path, shown_path(path), parts, *_handed_in(path, heap.platform is None), sha256, said, unreadable)


def _handed_in(path: Path, collected: bool) -> tuple[datetime, str]:
    """nbgrader's timestamp.txt beside the notebook where it can be read, else the modification time (UTC); and which.

    Args:
        collected: nbgrader may have collected it; no other platform did.
    """
    stamp = path.parent / "timestamp.txt"
    # In a folder of any other name it is a file that the student handed in.
    kept = re.fullmatch(r"(?:(?:week|wk|w)[\s_.-]?\d{1,2}[\s_.-]*)?(?:lab|homework)", path.parent.name, re.IGNORECASE)
    try:
        if collected and kept and stamp.is_file() and not stamp.is_symlink() and stamp.stat().st_size < 200:
            return _parse_stamp(stamp.read_text(encoding="utf-8")), "timestamp.txt"
    except (OSError, ValueError, OverflowError, zoneinfo.ZoneInfoNotFoundError):
        pass
    try:
        return datetime.fromtimestamp(os.lstat(path).st_mtime, UTC), FILE_DATE
    except (OSError, OverflowError, ValueError):
        return LONG_AGO, FILE_DATE


def _parse_stamp(text: str) -> datetime:
    """`2026-03-24 15:58:23.948203 UTC` or with a zone's name, as nbgrader writes it."""
    words = text.split()
    when = datetime.fromisoformat(" ".join(words[:2]))
    if when.tzinfo is None:
        when = when.replace(tzinfo=zoneinfo.ZoneInfo(words[2] if len(words) > 2 else "UTC"))
    return when.astimezone(UTC)
