"""From a folder of files to one submission per student, with a line for everything that did not become one.

The rule
--------
* `FOLDER/alice.ipynb` is alice's. `FOLDER/alice/any/depth/name.ipynb` is alice's too: the first folder names the
  student, so nbgrader's `submitted/alice/week03-lab/lab.ipynb` works as it is. A first folder that is named like the
  assignment itself (`week03-lab/alice.ipynb`) is passed through.
* From a file's name these are taken off: marks of copies (` (1)`, ` - Copy`, `-Copy1`, ` copy 2`, ` Kopie`) and an
  assignment's name (`_lab`, `_week03_lab`, `_week03-lab`, `-w3-lab`, `_homework`). `-1` is a copy mark only behind such
  a name (`alice_lab-1`): on its own it may be part of an id. A file called `lab.ipynb` names nobody: it is graded under
  that name and reported.
* Several files of one student: those whose metadata names this assignment go before those without metadata, and the
  newest counts (modification time, or nbgrader's `timestamp.txt` beside it; of two equally old ones the higher copy
  number). The others are listed as superseded.
* `FOLDER/alice.zip` (or .tar, .tar.gz, .tgz, .tar.bz2, .tar.xz) is alice's, and so is every notebook in it: an archive stands
  for the folder that it would unpack to. It is read, not unpacked; links and paths that lead out of it are left out.
* Everything called `*.ipynb` is somebody's submission, readable or not: an empty file, a folder, a pipe or a broken
  link of that name is graded as unreadable, not forgotten. Everything else is listed as a problem. A notebook of
  another assignment beside one of this assignment, or in a folder of that other's name, is listed under `elsewhere`.
* Only `.ipynb_checkpoints`, `__MACOSX`, `desktop.ini`, `Thumbs.db`, nbgrader's `timestamp.txt` and names that start
  with a dot are passed over in silence.
* Links to folders are not followed; links to files only while they stay inside FOLDER.
* Names that are no UTF-8 or hold control characters become a printable id (`al\\xe9x`); `safe_name` makes a file name
  of it.
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
import zoneinfo
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from autograder.errors import CourseError, SubmissionError
from autograder.model import Submission
from autograder.notebook.archive import Member, is_archive, read_archive
from autograder.notebook.submission import display_name, parse_submission, read_bytes
from autograder.report.printable import one_line, printable_name, safe_name

__all__ = ["SCHEMES", "Intake", "NamingScheme", "collect", "safe_name"]

MAX_FOLDER_DEPTH = 20
MANY_FILES = 8
_IGNORED = frozenset({"__macosx", "desktop.ini", "thumbs.db", "timestamp.txt"})
_ARCHIVES = frozenset({".gz", ".bz2", ".xz", ".7z", ".rar"})
_COPY = re.compile(
    r"\s*\(\d{1,3}\)$|[\s_-]+copy[\s_-]?\d{0,3}$|[\s_-]+copy\s*\(\d{1,3}\)$|[\s_-]+kopie[\s_-]?\d{0,3}$", re.IGNORECASE
)
_NUMBERED = re.compile(r"-\d{1,3}$")


@dataclass(frozen=True)
class Intake:
    """What a folder held.

    Attributes:
        submissions: one per student, sorted by id.
        problems: (printable path, one line) for everything that needs a look; never a reason to stop.
        elsewhere: (printable path, assignment) of notebooks set aside because they belong to another assignment.
        files: the path to open for each submission, in the same order (`Submission.path` is for people: escaped).
    """

    submissions: tuple[Submission, ...]
    problems: tuple[tuple[str, str], ...] = ()
    elsewhere: tuple[tuple[str, str], ...] = ()
    files: tuple[Path, ...] = ()

    def file_of(self, submission: Submission) -> Path:
        """The file behind a submission of this intake.

        Raises:
            KeyError: the submission is not of this intake.
        """
        for known, path in zip(self.submissions, self.files, strict=True):
            if known.student == submission.student:
                return path
        raise KeyError(submission.student)


@dataclass(frozen=True)
class _Found:
    """One file named like a notebook, looked at but not judged."""

    path: Path
    shown: str
    parts: tuple[str, ...]  # below FOLDER
    when: datetime
    sha256: str
    assignment: str  # "" when it does not say
    unreadable: str  # why, or ""


# A naming scheme reads a student's name from the parts of a path below FOLDER, or declines. The first that answers
# counts; a learning platform's download format is one more entry.
NamingScheme = Callable[[tuple[str, ...], str], "str | None"]


def by_first_folder(parts: tuple[str, ...], assignment_id: str) -> str | None:
    """`alice/any/depth/x.ipynb` is alice's; leading folders named like the assignment do not count."""
    folders = list(parts[:-1])
    while folders and _is_assignment_name(folders[0], assignment_id):
        folders.pop(0)
    return folders[0] if folders else None


def by_file_name(parts: tuple[str, ...], assignment_id: str) -> str | None:
    """`alice_week03_lab (1).ipynb` is alice's."""
    stem = re.sub(r"\.ipynb$", "", parts[-1], flags=re.IGNORECASE)
    return _without_suffixes(stem, assignment_id) or stem or None


SCHEMES: tuple[NamingScheme, ...] = (by_first_folder, by_file_name)


def collect(
    folder: Path | str, assignment_id: str, *, max_mb: float = 20.0, schemes: tuple[NamingScheme, ...] = SCHEMES
) -> Intake:
    """The submissions in a folder (or the one notebook that `folder` names), by the rule above.

    Args:
        assignment_id: e.g. "week03/lab".
        max_mb: files above this many MB are not read here; grading refuses them with its own line.

    Raises:
        CourseError: there is no such folder, or it may not be listed.
    """
    root = Path(folder)
    problems: list[tuple[str, str]] = []
    if root.is_file():
        found = _look_into(root, root.parent, max_mb, assignment_id, problems)
    else:
        _require_folder(root)
        paths = _notebooks(root, root, 0, problems)
        found = [item for path in paths for item in _look_into(path, root, max_mb, assignment_id, problems)]
    students: dict[str, list[_Found]] = {}
    for item in found:
        students.setdefault(_student(item, assignment_id, schemes), []).append(item)
    elsewhere: list[tuple[str, str]] = []
    chosen = {
        student: pick
        for student, items in students.items()
        if (pick := _choose(student, items, assignment_id, problems, elsewhere)) is not None
    }
    problems += _alike(chosen)
    ordered = sorted(chosen)
    return Intake(
        tuple(_submission(s, *chosen[s]) for s in ordered),
        tuple(sorted(problems)),
        tuple(sorted(elsewhere)),
        tuple(chosen[s][0].path for s in ordered),
    )


# Walking -------------------------------------------------------------------------------------------------------------


def _require_folder(root: Path) -> None:
    if not root.exists():
        raise CourseError(f"{_shown(root)}: there is no such folder. Give the one that holds the students' notebooks.")
    if not root.is_dir():
        raise CourseError(f"{_shown(root)}: neither folder nor notebook. Give the folder of the students' notebooks.")


def _notebooks(folder: Path, root: Path, depth: int, problems: list[tuple[str, str]]) -> Iterator[Path]:
    """Every entry named *.ipynb, and every archive, below `folder`, sorted; all else goes to `problems`."""
    try:
        with os.scandir(folder) as entries:
            listed = sorted(entries, key=lambda e: os.fsencode(e.name))
    except OSError as problem:
        if folder == root:
            raise CourseError(f"{_shown(root)}: the folder cannot be listed. Give it read permission.") from None
        problems.append((_shown(folder), f"the folder cannot be listed ({problem.strerror}); nothing in it was graded"))
        return
    counted = [e for e in listed if not (e.name.startswith(".") or e.name.lower() in _IGNORED)]
    if not counted and folder != root:
        problems.append((_shown(folder), "an empty folder: nothing was handed in here"))
    for entry in counted:
        path = folder / entry.name
        if entry.name.lower().endswith(".ipynb") or (is_archive(entry.name) and entry.is_file(follow_symlinks=False)):
            yield path
        elif entry.is_dir(follow_symlinks=False):
            if depth < MAX_FOLDER_DEPTH:
                yield from _notebooks(path, root, depth + 1, problems)
            else:
                problems.append((_shown(path), f"more than {MAX_FOLDER_DEPTH} folders deep; nothing in it was graded"))
        else:
            problems.append((_shown(path), _why_no_notebook(entry)))


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
    return "not a notebook; not graded"


def _look_into(
    path: Path, root: Path, max_mb: float, assignment_id: str, problems: list[tuple[str, str]]
) -> list[_Found]:
    """The notebook at `path`, or those in the archive there."""
    if path.name.lower().endswith(".ipynb") or not is_archive(path.name):
        return [_look(path, root, max_mb)]
    shown, where = _shown(path), path.relative_to(root).parts
    stem = re.sub(r"(\.tar)?\.[A-Za-z0-9]+$", "", path.name, flags=re.IGNORECASE)
    folder = (*where[:-1], by_file_name((stem,), assignment_id) or stem)
    try:
        members, notes = read_archive(read_bytes(path, max_mb, within=root), display_name(path), max_mb)
    except Exception as problem:
        # Grading this place finds the same problem again, and says so.
        place = path / "notebook.ipynb"
        return [_Found(place, shown, (*folder, place.name), _handed_in(path), "", "", _why(problem, path))]
    problems += [(shown, note) for note in notes]
    return [_member(path, m, folder) for m in members]


def _why(problem: Exception, path: Path) -> str:
    """Why a file cannot be read. What is no SubmissionError is a mistake of ours; it must not take the class with it."""
    if isinstance(problem, SubmissionError):
        return str(problem)
    words = one_line(f"{type(problem).__name__}: {problem}", 200)
    return f"{display_name(path)}: the grader itself failed to read this file ({words}); tell its authors, and keep it"


def _member(path: Path, member: Member, folder: tuple[str, ...]) -> _Found:
    place = path.joinpath(*member.parts)
    said = unreadable = ""
    try:
        said = parse_submission(member.data, display_name(place)).assignment_id
    except Exception as problem:
        unreadable = _why(problem, place)
    sha256 = hashlib.sha256(member.data).hexdigest()
    return _Found(place, _shown(place), (*folder, *member.parts), _handed_in(path), sha256, said, unreadable)


def _look(path: Path, root: Path, max_mb: float) -> _Found:
    sha256 = said = unreadable = ""
    try:
        data = read_bytes(path, max_mb, within=root)
        sha256 = hashlib.sha256(data).hexdigest()
        said = parse_submission(data, path.name).assignment_id
    except Exception as problem:
        unreadable = _why(problem, path)
    parts = path.relative_to(root).parts
    return _Found(path, _shown(path), parts, _handed_in(path), sha256, said, unreadable)


def _handed_in(path: Path) -> datetime:
    """nbgrader's timestamp.txt beside the notebook where it can be read, else the modification time (UTC)."""
    stamp = path.parent / "timestamp.txt"
    try:
        if stamp.is_file() and not stamp.is_symlink() and stamp.stat().st_size < 200:
            return _parse_stamp(stamp.read_text(encoding="utf-8"))
    except (OSError, ValueError, OverflowError, zoneinfo.ZoneInfoNotFoundError):
        pass
    try:
        return datetime.fromtimestamp(os.lstat(path).st_mtime, UTC)
    except (OSError, OverflowError, ValueError):
        return datetime.fromtimestamp(0, UTC)


def _parse_stamp(text: str) -> datetime:
    """`2026-03-24 15:58:23.948203 UTC` or with a zone's name, as nbgrader writes it."""
    words = text.split()
    when = datetime.fromisoformat(" ".join(words[:2]))
    if when.tzinfo is None:
        when = when.replace(tzinfo=zoneinfo.ZoneInfo(words[2] if len(words) > 2 else "UTC"))
    return when.astimezone(UTC)


# Names ---------------------------------------------------------------------------------------------------------------


def _student(item: _Found, assignment_id: str, schemes: tuple[NamingScheme, ...]) -> str:
    for scheme in schemes:
        name = scheme(item.parts, assignment_id)
        if name:
            return printable_name(name).strip() or "unnamed"
    return "unnamed"


def _assignment_pattern(assignment_id: str) -> str:
    """Ways to write "week03/lab" in a name: lab, week03_lab, week3-lab, w03 lab. No bare number: it may be a team's."""
    week, _, part = assignment_id.rpartition("/")
    number = re.search(r"\d+$", week)
    if not number:
        return re.escape(part)
    return rf"(?:(?:week|wk|w)[\s_.-]?0*{int(number.group())}[\s_.-]*)?{re.escape(part)}"


def _is_assignment_name(name: str, assignment_id: str) -> bool:
    return re.fullmatch(_assignment_pattern(assignment_id), name, re.IGNORECASE) is not None


def _without_suffixes(stem: str, assignment_id: str) -> str:
    part = re.escape(assignment_id.rpartition("/")[2])
    suffix = re.compile(rf"[\s_.-]+(?:(?:week|wk|w)[\s_.-]?\d{{1,2}}[\s_.-]*)?(?:{part}|lab|homework)$", re.IGNORECASE)
    name = stem.strip()
    while not _is_assignment_name(_COPY.sub("", name), assignment_id):
        shorter = _COPY.sub("", name)
        if suffix.search(_NUMBERED.sub("", shorter)):
            shorter = suffix.sub("", _NUMBERED.sub("", shorter))
        if not shorter or shorter == name:
            break
        name = shorter
    return name


def _copy_number(name: str) -> int:
    """0 for an original; orders copies made in the same second."""
    stem = re.sub(r"\.ipynb$", "", name, flags=re.IGNORECASE)
    mark = _COPY.search(stem) or _NUMBERED.search(stem)
    digits = re.findall(r"\d+", mark.group()) if mark else []
    return int(digits[-1]) if digits else int(mark is not None)


# Choosing ------------------------------------------------------------------------------------------------------------


def _choose(
    student: str,
    items: list[_Found],
    assignment_id: str,
    problems: list[tuple[str, str]],
    elsewhere: list[tuple[str, str]],
) -> tuple[_Found, tuple[_Found, ...]] | None:
    """The file that counts and the superseded ones; None when all lie in folders named like another assignment."""
    others = [i for i in items if _elsewhere(i, assignment_id)]
    mine = [i for i in items if not _elsewhere(i, assignment_id)]
    if not mine and not all(_in_folder_of(i, i.assignment or _folder_assignment(i)) for i in others):
        mine, others = others, []  # handed in here by mistake: graded, and refused with a line that says which it is
    elsewhere += [(i.shown, _elsewhere(i, assignment_id)) for i in others]
    if not mine:
        return None
    ranked = sorted(mine, key=lambda i: (i.when, _copy_number(i.path.name), i.shown), reverse=True)
    named = [i for i in ranked if i.assignment == assignment_id]
    pick = named[0] if named else ranked[0]
    rest = tuple(i for i in ranked if i is not pick)
    problems += _warnings(student, pick, rest, assignment_id)
    return pick, rest


def _elsewhere(item: _Found, assignment_id: str) -> str:
    """The other assignment that a file belongs to by its metadata or, without any, by a folder's name; "" if none."""
    said = item.assignment or _folder_assignment(item)
    return said if said and said != assignment_id and not _in_folder_of(item, assignment_id) else ""


def _folder_assignment(item: _Found) -> str:
    for name in item.parts[1:-1]:
        match = re.fullmatch(r"(?:week|wk|w)[\s_.-]?(\d{1,2})[\s_.-]*(lab|homework)", name, re.IGNORECASE)
        if match:
            return f"week{int(match[1]):02d}/{match[2].lower()}"
    return ""


def _in_folder_of(item: _Found, assignment_id: str) -> bool:
    return any(_is_assignment_name(name, assignment_id) for name in item.parts[:-1])


def _warnings(student: str, pick: _Found, rest: tuple[_Found, ...], assignment_id: str) -> Iterator[tuple[str, str]]:
    for item in rest:
        if item.when > pick.when:
            yield item.shown, f"newer than {pick.shown} but without the metadata of {assignment_id}: set aside"
        elif item.when == pick.when and item.sha256 != pick.sha256:
            yield item.shown, f"as old as {pick.shown}, which is graded; make sure that this is the right one"
    readable = [i for i in rest if not i.unreadable]
    if pick.unreadable and readable:
        yield pick.shown, f"cannot be read, but the older {readable[0].shown} can: remove this one to grade that"
    if _is_assignment_name(_COPY.sub("", student), assignment_id):
        yield pick.shown, f"its name does not say whose it is: graded as {student!r}; rename it to the student's id"
    if len(rest) + 1 >= MANY_FILES:
        yield (
            pick.shown,
            f"{len(rest) + 1} notebooks count as one student's ({student}); "
            "if their folder holds many students, collect from that folder instead",
        )


def _alike(chosen: dict[str, tuple[_Found, tuple[_Found, ...]]]) -> list[tuple[str, str]]:
    """Ids that a person, a file system or a gradebook may take for one another. Both are graded."""
    seen: dict[str, str] = {}
    lines = []
    for student in sorted(chosen):
        shown = chosen[student][0].shown
        key = unicodedata.normalize("NFKC", student).casefold()
        if key in seen:
            lines.append((shown, f"the ids {seen[key]!r} and {student!r} differ only in case; both are graded"))
        seen.setdefault(key, student)
        bare = _NUMBERED.sub("", student)
        if bare != student and bare in chosen:
            lines.append((shown, f"graded as {student!r}; if it is a second file of {bare!r}, rename it to {bare} (1)"))
    return lines


def _submission(student: str, pick: _Found, rest: tuple[_Found, ...]) -> Submission:
    when = pick.when.replace(microsecond=0).isoformat()
    return Submission(student, pick.shown, pick.sha256, when, tuple(i.shown for i in rest))


def _shown(path: Path) -> str:
    """A path for people: every part printable, so that it is one line and cannot steer a terminal."""
    text = os.sep.join(printable_name(part) if part != os.sep else "" for part in path.parts)
    return one_line(text, 500) or "."
