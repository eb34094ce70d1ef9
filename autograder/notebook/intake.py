"""From a folder of files to one submission per student, with a line for everything that did not become one.

The rule
--------
* `FOLDER/alice.ipynb` is alice's. `FOLDER/alice/any/depth/name.ipynb` is alice's too: the first folder names the
  student, so nbgrader's `submitted/alice/week03-lab/lab.ipynb` works as it is. A first folder that is named like the
  assignment itself (`week03-lab/alice.ipynb`) is passed through.
* From a file's name (and a first folder's, and an archive's) these are taken off: an assignment's name (`_lab`,
  `_week03_lab`, `_week03-lab`, `-w3-lab`, `_homework`), what stands behind it, and marks of copies and versions as
  copy_marks.py knows them, in the order of certainty:
  what programs write (`Copy of`, ` (1)`, ` - Kopie`, ` (conflicted copy 2026-04-02)`), always; what people write (`_final_v2`),
  with a question to the staff; ` 2` or `-MYLAPTOP` only beside somebody of the bare name; `-1` only where the class list has
  the bare name. An id that is on the class list goes before all of this: `bela_final` may be one. A file called `lab.ipynb`
  names nobody: it is graded under that name and reported.
* Several files of one student: those whose metadata names this assignment go before those without metadata, and the
  newest counts (the platform's time, nbgrader's `timestamp.txt` beside it, or the file's date; of two equally old ones the
  higher copy number, but beside a `timestamp.txt` the one that nbgrader collects, `lab.ipynb`). The others are superseded.
* `FOLDER/alice.zip` (or .tar, .tar.gz, .tgz, .tar.bz2, .tar.xz) is alice's, and so is every notebook in it: an archive stands
  for the folder that it would unpack to. It is read, not unpacked; links and paths that lead out of it are left out.
* Other files in a student's own folder, archive or hand-in (helper.py, weights.npy) go with the notebook that they lie beside
  (companions.py); beside notebooks of several students they are nobody's, and listed as a problem.
* Everything called `*.ipynb` is somebody's submission, readable or not: an empty file, a folder, a pipe or a broken
  link of that name is graded as unreadable, not forgotten. Everything else is listed as a problem. A notebook of
  another assignment beside one of this assignment, or in a folder of that other's name, is listed under `elsewhere`.
* Only `.ipynb_checkpoints`, `__MACOSX`, `desktop.ini`, `Thumbs.db`, nbgrader's `timestamp.txt` and `submission_secret.txt`, and
  names that start with a dot are passed over in silence.
* A whole class's download from Canvas, Moodle or Gradescope, as the zip that FOLDER then names or unpacked, is recognised by
  its names (platforms.py); they say whose a file is, and what the platform knows of the hand-in time. A zip *in* FOLDER is
  one student's, whatever its entries are called: else a student could hand in for others.
* With a class list (autograder/roster.py) everything is graded under the list's ids; what matches nobody on it is graded under
  its own name and reported, and who handed in nothing is listed under `missing`.
* Links to folders are not followed; links to files only while they stay inside FOLDER.
* Names that are no UTF-8 or hold control characters become a printable id (`al\\xe9x`); `safe_name` makes a file name
  of it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import zoneinfo
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

from autograder.errors import CourseError, SubmissionError
from autograder.model import FILE_DATE, Submission
from autograder.notebook.archive import (
    MAX_BULK_ENTRIES,
    MAX_WANTED_MB,
    LeftOut,
    Member,
    bulk_names,
    is_archive,
    looks_like_notebook,
    read_archive,
    read_bulk,
    read_member,
    why_not_graded,
)
from autograder.notebook.beside import Beside
from autograder.notebook.choosing import LONG_AGO, Found, alike, choose
from autograder.notebook.class_zip import shape_of
from autograder.notebook.companions import read
from autograder.notebook.naming import (
    SCHEMES,
    NamingScheme,
    is_notebook_name,
    may_be_notebook,
)
from autograder.notebook.ownership import Owners, Said
from autograder.notebook.platforms import METADATA, Platform, recognise
from autograder.notebook.submission import display_name, parse_submission, read_bytes
from autograder.report.printable import one_line, printable_name, safe_name
from autograder.roster import Roster

__all__ = ["SCHEMES", "Intake", "NamingScheme", "collect", "handed_in_names", "safe_name"]

MAX_FOLDER_DEPTH = 20
_IGNORED = frozenset({"__macosx", "desktop.ini", "thumbs.db", "timestamp.txt", "submission_secret.txt"})
_ARCHIVES = frozenset({".gz", ".bz2", ".xz", ".7z", ".rar"})
_NO_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
# Files of a whole class that are all as old as this came with one download: their dates are the download's.
_ONE_DOWNLOAD = timedelta(minutes=15)


@dataclass(frozen=True)
class Intake:
    """What a folder held.

    Attributes:
        submissions: one per student, sorted by id.
        problems: (printable path, one line) for everything that needs a look; never a reason to stop.
        elsewhere: (printable path, assignment) of notebooks set aside because they belong to another assignment.
        files: the path to open for each submission, in the same order (`Submission.path` is for people: escaped).
        missing: students on the class list who handed in nothing.
        platform: the learning platform whose download it is, or "".
        notes: what else the staff should know, one line each.
    """

    submissions: tuple[Submission, ...]
    problems: tuple[tuple[str, str], ...] = ()
    elsewhere: tuple[tuple[str, str], ...] = ()
    files: tuple[Path, ...] = ()
    missing: tuple[str, ...] = ()
    platform: str = ""
    notes: tuple[str, ...] = ()

    def file_of(self, submission: Submission) -> Path:
        """The file behind a submission of this intake.

        Raises:
            KeyError: the submission is not of this intake.
        """
        for known, path in zip(self.submissions, self.files, strict=True):
            if known.student == submission.student:
                return path
        raise KeyError(submission.student)


@dataclass
class _Heap:
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


def collect(
    folder: Path | str,
    assignment_id: str,
    *,
    max_mb: float = 20.0,
    schemes: tuple[NamingScheme, ...] = SCHEMES,
    roster: Roster | None = None,
    times: Mapping[str, datetime] | None = None,
    zone: tzinfo = UTC,
    bulk: bool = True,
) -> Intake:
    """The submissions in a folder, a platform's zip, or the one notebook that `folder` names, by the rule above.

    Args:
        assignment_id: e.g. "week03/lab".
        max_mb: files above this many MB are not read here; grading refuses them with its own line.
        roster: the class list.
        times: student -> hand-in time, before what files and platforms say.
        zone: of dates in zips, which name none.
        bulk: False where all in the folder is one student's, so that nothing there is a platform's download of a class.

    Raises:
        CourseError: there is no such folder, it may not be listed, or the zip of a whole class is damaged.
    """
    root, heap = Path(folder), _Heap(assignment_id, max_mb, zone, roster=roster)
    if root.is_file():
        _read_file(root, heap)
    else:
        _require_folder(root)
        _read_folder(root, heap, bulk)
    _without_download_dates(heap, bool(times))
    students: dict[str, list[Found]] = {}
    whose: dict[Path, set[str]] = {}
    accounts: dict[str, str] = {}
    owners = Owners(assignment_id, schemes, heap.platform, roster, zone, Said(heap.problems, heap.notes))
    for owned in owners.of_all(heap.found):
        student, account = owned.student, owned.account
        students.setdefault(student, []).append(owned.file)
        whose.setdefault(owned.file.path, set()).add(student)
        if accounts.setdefault(student, account) != account and heap.platform:
            line = f"{accounts[student]} and {account} count as one student, {student}: make sure that they are"
            heap.problems.append((owned.file.shown, line))
    elsewhere: list[tuple[str, str]] = []
    chosen = {
        student: pick
        for student, items in students.items()
        if (pick := choose(student, items, assignment_id, heap.problems, elsewhere, heap.notes)) is not None
    }
    heap.problems += alike(chosen, frozenset(p.student for p in roster.people) if roster else frozenset())
    ordered = sorted(chosen)
    beside = Beside(root, whose, heap.platform, own=not bulk)
    submissions = tuple(_with_companions(_submission(s, *chosen[s], (times or {}).get(s)), chosen[s][0], beside) for s in ordered)
    heap.problems[:] = _without_companions(heap.problems, submissions)
    return Intake(
        submissions,
        tuple(sorted(heap.problems)),
        tuple(sorted(elsewhere)),
        tuple(chosen[s][0].path for s in ordered),
        tuple(p.student for p in roster.people if p.student not in chosen) if roster else (),
        heap.platform.name if heap.platform else "",
        tuple(heap.notes),
    )


def handed_in_names(folder: Path | str) -> tuple[str, ...]:
    """What the entries of a folder or zip are called, two levels deep, without reading any; () if it cannot be listed."""
    root = Path(folder)
    if root.is_file():
        return tuple({part for parts in bulk_names(root) for part in parts[:2]})
    names: list[str] = []
    with contextlib.suppress(OSError):
        for entry in os.scandir(root):
            names.append(entry.name)
            if entry.is_dir(follow_symlinks=False):
                names += os.listdir(entry)
    return tuple(names[:MAX_BULK_ENTRIES])


def _read_file(root: Path, heap: _Heap) -> None:
    """One notebook, one student's archive, or the zip of a whole class."""
    if root.name.lower().endswith(".zip"):
        heap.platform = recognise(bulk_names(root), lambda parts: _entry(root, parts))
    if heap.platform is None:
        if not (is_archive(root.name) and _read_plain_class(root, heap)):
            heap.found += _look_into(root, root.parent, heap)
        return
    _note_platform(heap, _shown(root))
    _read_all(root, heap)


def _read_all(root: Path, heap: _Heap) -> None:
    try:
        for item in read_bulk(root, heap.max_mb, frozenset({METADATA})):
            _take(root, item, heap)
    except SubmissionError as problem:
        raise CourseError(f"{problem} Nothing was graded.") from None


def _read_plain_class(root: Path, heap: _Heap) -> bool:
    """Takes the notebooks of an archive that holds a class's, made by hand or by a platform that is not known; else False."""
    inner = _Heap(heap.assignment_id, heap.max_mb, heap.zone, roster=heap.roster, dated=True)
    if not root.name.lower().endswith(".zip"):
        inner.found = [replace(f, parts=f.parts[1:]) for f in _look_into(root, root.parent, inner)]
    elif len(names := bulk_names(root)) > 1 or any(heap.roster or is_archive(n[-1]) for n in names):
        _read_all(root, inner)
    places = [f.parts for f in inner.found]
    if len({p[:1] for p in places}) == 1:  # a download within an archive of its own
        heap.platform = recognise(places, lambda parts: _entry(root, parts))
    if heap.platform is not None:
        _note_platform(heap, _shown(root))
        heap.found, heap.problems = inner.found, [*heap.problems, *inner.problems]
        return True
    ours = [n for n, f in enumerate(inner.found) if f.assignment == heap.assignment_id]
    shape = shape_of(_stem(root.name), places, ours, heap.assignment_id, heap.roster)
    listed = ", ".join(one_line(printable_name(s), 40) for s in shape.students[:5])
    if shape.doubtful:
        raise CourseError(
            f"{_shown(root)}: it is not clear whether this is a class or one student's work; its notebooks are called "
            f"{listed}. If it is a class, give the class list with --roster, or unpack it and give the folder. If it is one "
            "student's, put it into a folder and give that. Nothing was graded."
        )
    if not shape.is_class:
        return False
    heap.notes.append(
        f"{_shown(root)}: taken for a class, because its notebooks lie under the names of {len(shape.students)} "
        f"({listed}{', ...' if len(shape.students) > 5 else ''}). If it is one student's, put it into a folder and give that"
    )
    heap.dated = True
    heap.found = [replace(f, parts=f.parts[shape.depth :]) for f in inner.found]
    heap.problems += inner.problems
    return True


def _stem(name: str) -> str:
    return re.sub(r"(\.tar)?\.[A-Za-z0-9]+$", "", name, flags=re.IGNORECASE)


def _entry(root: Path, parts: Sequence[str]) -> bytes | None:
    try:
        with open(root, "rb") as file:
            return read_member(file, tuple(parts), root.name, MAX_WANTED_MB)
    except (SubmissionError, OSError):
        return None


def _take(root: Path, item: Member | LeftOut, heap: _Heap) -> None:
    place = root.joinpath(*item.parts)
    if heap.platform and heap.platform.is_own(item.parts):
        return
    if isinstance(item, LeftOut) and not item.broken:
        heap.problems.append((_shown(place), item.why))
    elif isinstance(item, LeftOut):
        # Grading this place finds the same problem again, and says so.
        parts = item.parts if is_notebook_name(item.parts[-1]) else (*item.parts, "notebook.ipynb")
        heap.found.append(Found(root.joinpath(*parts), _shown(place), parts, None, "", "", "", item.why))
    elif item.parts[-1] != METADATA:
        when = _zip_date(item, heap) if heap.dated or (heap.platform and heap.platform.dated) else None
        heap.found.append(_member(root, item, item.parts, when, "the date in the zip" if when else ""))


def _zip_date(member: Member, heap: _Heap) -> datetime | None:
    try:
        return None if member.when in (None, _NO_ZIP_DATE) else datetime(*member.when, tzinfo=heap.zone)
    except ValueError:
        return None


def _read_folder(root: Path, heap: _Heap, bulk: bool) -> None:
    paths = list(_notebooks(root, root, 0, heap.problems))
    others = [Path(path) for path, _ in heap.problems]
    places = [p.relative_to(root).parts for p in (*paths, *others) if p != root and p.is_relative_to(root)]
    heap.platform = recognise(places, lambda parts: _metadata(root.joinpath(*parts))) if bulk else None
    if heap.platform is not None:
        _note_platform(heap, _shown(root))
        heap.problems[:] = [(path, line) for path, line in heap.problems if not _is_own(Path(path), root, heap.platform)]
    for path in paths:
        heap.found += _look_into(path, root, heap)
    if bulk and heap.platform is None:
        _refuse_classes(root, paths, heap)


def _is_own(path: Path, root: Path, platform: Platform) -> bool:
    inside = path != root and path.is_relative_to(root)
    return path.name == METADATA or (inside and platform.is_own(path.relative_to(root).parts))


def _refuse_classes(root: Path, paths: Sequence[Path], heap: _Heap) -> None:
    """A zip in a folder is one student's: one with a class's notebooks is told of, and alone in its folder it is refused."""
    for path in paths:
        inner = [f for f in heap.found if f.path.is_relative_to(path) and f.path != path]
        places = [f.path.relative_to(path).parts for f in inner]
        ours = [n for n, f in enumerate(inner) if f.assignment == heap.assignment_id]
        if len(inner) < 2 or not shape_of(_stem(path.name), places, ours, heap.assignment_id, heap.roster).is_class:
            continue
        line = "holds notebooks of several names, perhaps a whole class's; if it is, give --from this file and not its folder"
        if len(paths) == 1:
            raise CourseError(f"{_shown(path)} {line}. Nothing was graded.")
        if len(ours) > 1:
            heap.problems.append((_shown(path), line))


def _metadata(path: Path) -> bytes | None:
    try:
        return read_bytes(path, MAX_WANTED_MB)
    except SubmissionError:
        return None


def _note_platform(heap: _Heap, shown: str) -> None:
    assert heap.platform is not None
    heap.notes.append(f"{shown}: a download from {heap.platform.name}")
    if heap.platform.problem:
        heap.problems.append((shown, f"a download from {heap.platform.name}, {heap.platform.problem}"))


def _without_download_dates(heap: _Heap, told: bool) -> None:
    """A platform that does not keep dates gives all files the moment of the download: no hand-in time, then."""
    if not (heap.dated or (heap.platform and heap.platform.dated)):
        return
    times = [i.when for i in heap.found if i.when is not None]
    if times and max(times) - min(times) <= _ONE_DOWNLOAD:
        heap.found[:] = [replace(i, when=None, source="") for i in heap.found]
        where = f" (of {heap.platform.name}, the grading worksheet)" if heap.platform else ""
        ask = "" if told else f": hand-in times are not known. Give them with --times{where}"
        heap.notes.append(f"its files all have the date of the download, {max(times):%Y-%m-%d %H:%M}{ask}")


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
        if is_notebook_name(entry.name) or (entry.is_file(follow_symlinks=False) and _is_work(path)):
            yield path
        elif entry.is_dir(follow_symlinks=False):
            if depth < MAX_FOLDER_DEPTH:
                yield from _notebooks(path, root, depth + 1, problems)
            else:
                problems.append((_shown(path), f"more than {MAX_FOLDER_DEPTH} folders deep; nothing in it was graded"))
        else:
            problems.append((_shown(path), _why_no_notebook(entry)))


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


def _look_into(path: Path, root: Path, heap: _Heap) -> list[Found]:
    """The notebook at `path`, or those in the archive there."""
    if is_notebook_name(path.name) or not is_archive(path.name):
        return [_look(path, root, heap)]
    shown, where = _shown(path), path.relative_to(root).parts
    if heap.platform is not None and heap.platform.whose(where):
        folder = where
    else:
        folder = (*where[:-1], _stem(path.name))
        _warn_of_bulk(path, shown, heap)
    when, source = _handed_in(path, heap.platform is None)
    try:
        members, notes = read_archive(read_bytes(path, heap.max_mb, within=root), display_name(path), heap.max_mb)
    except Exception as problem:
        # Grading this place finds the same problem again, and says so.
        place = path / "notebook.ipynb"
        return [Found(place, shown, (*folder, place.name), when, source, "", "", _why(problem, path))]
    heap.problems += [(shown, note) for note in notes]
    return [_member(path, m, (*folder, *m.parts), when, source) for m in members]


def _why(problem: Exception, path: Path) -> str:
    """Why a file cannot be read. What is no SubmissionError is a mistake of ours; it must not take the class with it."""
    if isinstance(problem, SubmissionError):
        return str(problem)
    words = one_line(f"{type(problem).__name__}: {problem}", 200)
    return f"{display_name(path)}: the grader itself failed to read this file ({words}); tell its authors, and keep it"


def _warn_of_bulk(path: Path, shown: str, heap: _Heap) -> None:
    if not path.name.lower().endswith(".zip"):
        return
    names = bulk_names(path)
    platform = recognise(names, lambda parts: None)
    if platform is not None and len({h.name for parts in names for h in platform.whose(parts)}) > 1:
        line = f"looks like a download of a whole class from {platform.name}; if it is, give --from this file and not its folder"
        heap.problems.append((shown, line))


def _member(path: Path, member: Member, parts: tuple[str, ...], when: datetime | None, source: str) -> Found:
    place = path.joinpath(*member.parts)
    said = unreadable = ""
    try:
        said = parse_submission(member.data, display_name(place)).assignment_id
    except Exception as problem:
        unreadable = _why(problem, place)
    sha256 = hashlib.sha256(member.data).hexdigest()
    return Found(place, _shown(place), parts, when, source, sha256, said, unreadable)


def _look(path: Path, root: Path, heap: _Heap) -> Found:
    sha256 = said = unreadable = ""
    try:
        data = read_bytes(path, heap.max_mb, within=root)
        sha256 = hashlib.sha256(data).hexdigest()
        said = parse_submission(data, path.name).assignment_id
    except Exception as problem:
        unreadable = _why(problem, path)
    parts = path.relative_to(root).parts
    return Found(path, _shown(path), parts, *_handed_in(path, heap.platform is None), sha256, said, unreadable)


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


def _submission(student: str, pick: Found, rest: tuple[Found, ...], told: datetime | None) -> Submission:
    when, source = (told, "the list of hand-in times") if told else (pick.when, pick.source)
    stamp = when.replace(microsecond=0).isoformat() if when else ""
    late = None if told else pick.late
    return Submission(student, pick.shown, pick.sha256, stamp, tuple(i.shown for i in rest), source, late)


def _with_companions(submission: Submission, pick: Found, beside: Beside) -> Submission:
    """The submission with the student's own files, which count in its hash: it is graded again when one changes."""
    found = beside.of(pick.path)
    if not found.files and not found.notes:
        return submission
    return replace(submission, companions=found, sha256=read(found).identity(submission.sha256) if submission.sha256 else "")


def _without_companions(problems: list[tuple[str, str]], submissions: Sequence[Submission]) -> list[tuple[str, str]]:
    """Files that go with a notebook are no problem."""
    used = {_shown(Path(s.companions.container, place)) for s in submissions for _, place in s.companions.files}
    return [(path, line) for path, line in problems if path not in used]


def _shown(path: Path) -> str:
    """A path for people: every part printable, so that it is one line and cannot steer a terminal."""
    text = os.sep.join(printable_name(part) if part != os.sep else "" for part in path.parts)
    return one_line(text, 500) or "."
