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
import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

from autograder.errors import CourseError, SubmissionError
from autograder.model import Submission
from autograder.notebook.archive import (
    MAX_BULK_ENTRIES,
    MAX_WANTED_MB,
    LeftOut,
    Member,
    bulk_names,
    is_archive,
    read_bulk,
    read_member,
)
from autograder.notebook.beside import Beside
from autograder.notebook.choosing import Found, alike, choose
from autograder.notebook.class_zip import shape_of
from autograder.notebook.companions import read
from autograder.notebook.looking import Heap, archive_stem, look_at_member, look_into, notebooks_below, require_folder
from autograder.notebook.naming import (
    SCHEMES,
    NamingScheme,
    is_notebook_name,
)
from autograder.notebook.ownership import Owners, Said
from autograder.notebook.platforms import METADATA, Platform, recognise
from autograder.notebook.submitted_file import read_bytes
from autograder.report.printable import one_line, printable_name, safe_name, shown_path
from autograder.roster import Roster

__all__ = ["SCHEMES", "Intake", "NamingScheme", "collect", "handed_in_names", "safe_name"]

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
    root, heap = Path(folder), Heap(assignment_id, max_mb, zone, roster=roster)
    if root.is_file():
        _read_file(root, heap)
    else:
        require_folder(root)
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


def _read_file(root: Path, heap: Heap) -> None:
    """One notebook, one student's archive, or the zip of a whole class."""
    if root.name.lower().endswith(".zip"):
        heap.platform = recognise(bulk_names(root), lambda parts: _entry(root, parts))
    if heap.platform is None:
        if not (is_archive(root.name) and _read_plain_class(root, heap)):
            heap.found += look_into(root, root.parent, heap)
        return
    _note_platform(heap, shown_path(root))
    _read_all(root, heap)


def _read_all(root: Path, heap: Heap) -> None:
    try:
        for item in read_bulk(root, heap.max_mb, frozenset({METADATA})):
            _take(root, item, heap)
    except SubmissionError as problem:
        raise CourseError(f"{problem} Nothing was graded.") from None


def _read_plain_class(root: Path, heap: Heap) -> bool:
    """Takes the notebooks of an archive that holds a class's, made by hand or by a platform that is not known; else False."""
    inner = Heap(heap.assignment_id, heap.max_mb, heap.zone, roster=heap.roster, dated=True)
    if not root.name.lower().endswith(".zip"):
        inner.found = [replace(f, parts=f.parts[1:]) for f in look_into(root, root.parent, inner)]
    elif len(names := bulk_names(root)) > 1 or any(heap.roster or is_archive(n[-1]) for n in names):
        _read_all(root, inner)
    places = [f.parts for f in inner.found]
    if len({p[:1] for p in places}) == 1:  # a download within an archive of its own
        heap.platform = recognise(places, lambda parts: _entry(root, parts))
    if heap.platform is not None:
        _note_platform(heap, shown_path(root))
        heap.found, heap.problems = inner.found, [*heap.problems, *inner.problems]
        return True
    ours = [n for n, f in enumerate(inner.found) if f.assignment == heap.assignment_id]
    shape = shape_of(archive_stem(root.name), places, ours, heap.assignment_id, heap.roster)
    listed = ", ".join(one_line(printable_name(s), 40) for s in shape.students[:5])
    if shape.doubtful:
        raise CourseError(
            f"{shown_path(root)}: it is not clear whether this is a class or one student's work; its notebooks are called "
            f"{listed}. If it is a class, give the class list with --roster, or unpack it and give the folder. If it is one "
            "student's, put it into a folder and give that. Nothing was graded."
        )
    if not shape.is_class:
        return False
    heap.notes.append(
        f"{shown_path(root)}: taken for a class, because its notebooks lie under the names of {len(shape.students)} "
        f"({listed}{', ...' if len(shape.students) > 5 else ''}). If it is one student's, put it into a folder and give that"
    )
    heap.dated = True
    heap.found = [replace(f, parts=f.parts[shape.depth :]) for f in inner.found]
    heap.problems += inner.problems
    return True


def _entry(root: Path, parts: Sequence[str]) -> bytes | None:
    try:
        with open(root, "rb") as file:
            return read_member(file, tuple(parts), root.name, MAX_WANTED_MB)
    except (SubmissionError, OSError):
        return None


def _take(root: Path, item: Member | LeftOut, heap: Heap) -> None:
    place = root.joinpath(*item.parts)
    if heap.platform and heap.platform.is_own(item.parts):
        return
    if isinstance(item, LeftOut) and not item.broken:
        heap.problems.append((shown_path(place), item.why))
    elif isinstance(item, LeftOut):
        # Grading this place finds the same problem again, and says so.
        parts = item.parts if is_notebook_name(item.parts[-1]) else (*item.parts, "notebook.ipynb")
        heap.found.append(Found(root.joinpath(*parts), shown_path(place), parts, None, "", "", "", item.why))
    elif item.parts[-1] != METADATA:
        when = _zip_date(item, heap) if heap.dated or (heap.platform and heap.platform.dated) else None
        heap.found.append(look_at_member(root, item, item.parts, when, "the date in the zip" if when else ""))


def _zip_date(member: Member, heap: Heap) -> datetime | None:
    try:
        return None if member.when in (None, _NO_ZIP_DATE) else datetime(*member.when, tzinfo=heap.zone)
    except ValueError:
        return None


def _read_folder(root: Path, heap: Heap, bulk: bool) -> None:
    paths = list(notebooks_below(root, root, 0, heap.problems))
    others = [Path(path) for path, _ in heap.problems]
    places = [p.relative_to(root).parts for p in (*paths, *others) if p != root and p.is_relative_to(root)]
    heap.platform = recognise(places, lambda parts: _metadata(root.joinpath(*parts))) if bulk else None
    if heap.platform is not None:
        _note_platform(heap, shown_path(root))
        heap.problems[:] = [(path, line) for path, line in heap.problems if not _is_own(Path(path), root, heap.platform)]
    for path in paths:
        heap.found += look_into(path, root, heap)
    if bulk and heap.platform is None:
        _refuse_classes(root, paths, heap)


def _is_own(path: Path, root: Path, platform: Platform) -> bool:
    inside = path != root and path.is_relative_to(root)
    return path.name == METADATA or (inside and platform.is_own(path.relative_to(root).parts))


def _refuse_classes(root: Path, paths: Sequence[Path], heap: Heap) -> None:
    """A zip in a folder is one student's: one with a class's notebooks is told of, and alone in its folder it is refused."""
    inside = defaultdict(list)
    for found in heap.found:
        for folder in found.path.parents:
            inside[folder].append(found)
    for path in paths:
        inner = inside[path]
        places = [f.path.relative_to(path).parts for f in inner]
        ours = [n for n, f in enumerate(inner) if f.assignment == heap.assignment_id]
        if len(inner) < 2 or not shape_of(archive_stem(path.name), places, ours, heap.assignment_id, heap.roster).is_class:
            continue
        line = "holds notebooks of several names, perhaps a whole class's; if it is, give --from this file and not its folder"
        if len(paths) == 1:
            raise CourseError(f"{shown_path(path)} {line}. Nothing was graded.")
        if len(ours) > 1:
            heap.problems.append((shown_path(path), line))


def _metadata(path: Path) -> bytes | None:
    try:
        return read_bytes(path, MAX_WANTED_MB)
    except SubmissionError:
        return None


def _note_platform(heap: Heap, shown: str) -> None:
    assert heap.platform is not None
    heap.notes.append(f"{shown}: a download from {heap.platform.name}")
    if heap.platform.problem:
        heap.problems.append((shown, f"a download from {heap.platform.name}, {heap.platform.problem}"))


def _without_download_dates(heap: Heap, told: bool) -> None:
    """A platform that does not keep dates gives all files the moment of the download: no hand-in time, then."""
    if not (heap.dated or (heap.platform and heap.platform.dated)):
        return
    times = [i.when for i in heap.found if i.when is not None]
    if times and max(times) - min(times) <= _ONE_DOWNLOAD:
        heap.found[:] = [replace(i, when=None, source="") for i in heap.found]
        where = f" (of {heap.platform.name}, the grading worksheet)" if heap.platform else ""
        ask = "" if told else f": hand-in times are not known. Give them with --times{where}"
        heap.notes.append(f"its files all have the date of the download, {max(times):%Y-%m-%d %H:%M}{ask}")


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
    used = {shown_path(Path(s.companions.container, place)) for s in submissions for _, place in s.companions.files}
    return [(path, line) for path, line in problems if path not in used]
