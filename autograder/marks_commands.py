"""`autograder export` and `autograder marks`: gather, compute, write a file, say what is open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from autograder.cli import NOT_ALL, OK
from autograder.course import KINDS, Course
from autograder.errors import CourseError
from autograder.gradebook.final_marks import FinalMark, final_marks
from autograder.gradebook.lms import Export, fill_template, new_file
from autograder.gradebook.marking import Marker
from autograder.gradebook.term import TermMark, term_csv, term_mark
from autograder.grading.store import Store, write_whole_bytes
from autograder.marks.by_people import MANUAL_FILE, GivenMarks, gradebook_marks
from autograder.model import Report
from autograder.report.pages import number
from autograder.report.printable import one_line
from autograder.results.last_run import class_of_last_run, read_last_run
from autograder.roster import Roster, read_roster
from autograder.wording import counted

_MOST_NAMES = 12


@dataclass(frozen=True)
class Sources:
    """Where marks are read.

    Attributes:
        results: one assignment's results, instead of those below grades/.
        roster: the class list, instead of the one that the last run was told, or that course.toml names.
        marks: marks that people gave, a CSV; None for manual.csv beside the results, over nbgrader's gradebook.
    """

    results: Path | None = None
    roster: Path | None = None
    marks: Path | None = None
    ignore_late: bool = False


def export_command(course: Course, assignment: str, platform: str, template: Path | None, column: str, to: Path | None,
                   sources: Sources, console: Console) -> int:  # fmt: skip
    """Writes one assignment's marks as a file that `platform` imports.

    Raises:
        CourseError: there are no results, or a file cannot be used.
    """
    folder = sources.results or course.root / "grades" / assignment
    course.schedule(assignment)
    store = Store(folder)
    reports = class_of_last_run(store)
    if not reports:
        raise CourseError(f"There are no results in {folder}. Grade first: autograder grade {assignment} --from FOLDER")
    _say_stopped(store, assignment, reports, console)
    roster = _roster(course, store, sources, console, [r.submission.student for r in reports], set())
    marks = _marks(course, store, reports, roster, sources, console)
    export = Export(assignment, _title(reports), marks, roster, column)
    written = fill_template(platform, template, export) if template else new_file(platform, export)
    path = to or folder / f"{platform}.csv"
    if template and path.exists() and path.samefile(template):
        raise CourseError(f"{path} is the template itself. Name another file with --to.")
    write_whole_bytes(path, written.data)
    _say(console, marks, written.notes)
    count = sum(m.points is not None for m in marks)
    console.print(f"\n{count} of {len(marks)} marks, out of {number(export.of)}: {path}", markup=False)
    return NOT_ALL if any(m.points is None and m.report is not None and not m.excused for m in marks) else OK


def _say_stopped(store: Store, assignment: str, reports: Sequence[Report], console: Console) -> None:
    """Results of a run that did not come to its end are partly those of the run before."""
    run = read_last_run(store.folder)
    if run is not None and not run.finished:
        line = f"the last run over {assignment} was stopped, {len(reports)} of {len(run.students)} have results: grade again"
        console.print(f"  ! {line}", markup=False)


def _roster(course: Course, store: Store, sources: Sources, console: Console, names: Sequence[str],
            said: set[str]) -> Roster | None:  # fmt: skip
    """The class list: named now, else in the last run, else in course.toml. What was `said` is not said again."""
    run = read_last_run(store.folder)
    file = sources.roster or (Path(run.roster) if run and run.roster else course.roster)
    if file is not None and sources.roster is None and not file.is_file():
        raise CourseError(f"The class list {file} of the last run is not there any more. Name it with --roster.")
    roster = read_roster(file, course.time_zone, names) if file else None
    for note in roster.notes if roster else ():
        if note not in said:
            console.print(f"  . {note}", markup=False)
    said |= set(roster.notes if roster else ())
    return roster


def _marks(course: Course, store: Store, reports: Sequence[Report], roster: Roster | None, sources: Sources,
           console: Console) -> list[FinalMark]:  # fmt: skip
    """Late days depend on the whole term's results, so other assignments' are looked up where they are needed."""
    run = read_last_run(store.folder)
    ignore_late = sources.ignore_late or (run is not None and run.ignore_late)
    marker = Marker(course, lambda student, other: Store(course.root / "grades" / other).load_one(student), ignore_late)
    questions, students = {q.id: q.points for r in reports for q in r.questions}, [r.submission.student for r in reports]
    file, book = store.folder / MANUAL_FILE, lambda: gradebook_marks(course, reports[0].assignment, students)
    if sources.marks is not None:
        if not sources.marks.is_file():
            raise CourseError(f"{sources.marks} is not there. Name a CSV file of marks with --marks.")
        file, book = sources.marks, dict
    given = GivenMarks(file, questions, roster, students, book)
    for note in given.notes:
        console.print(f"  . {note}", markup=False)
    return final_marks(reports, given.of, marker, roster)


def _title(reports: Sequence[Report]) -> str:
    return next((r.title for r in reports if r.title), reports[0].assignment)


def _say(console: Console, marks: Sequence[FinalMark], notes: Sequence[str]) -> None:
    """Who has no mark, or one to look at: who shares a reason shares a line."""
    reasons: dict[str, list[str]] = {}
    for mark in marks:
        if mark.why:
            reasons.setdefault(("no mark: " if mark.points is None else "") + mark.why, []).append(mark.student)
    for why, students in reasons.items():
        if len(students) == 1:
            (mark,) = (m for m in marks if m.student == students[0])
            points = "" if mark.points is None else f"{number(mark.points)}: "
            console.print(f"  ! {one_line(students[0], 60)}: {points}{why}", markup=False)
        else:
            console.print(f"  ! {why}: {_listed(students)}", markup=False)
    for note in notes:
        console.print(f"  ! {note}", markup=False)


def _listed(students: Sequence[str]) -> str:
    shown = ", ".join(one_line(s, 60) for s in students[:_MOST_NAMES])
    return shown if len(students) <= _MOST_NAMES else f"{shown} and {len(students) - _MOST_NAMES} more"


def marks_command(course: Course, to: Path | None, sources: Sources, console: Console) -> int:
    """Writes everybody's marks of the term: those of each assignment's last class.

    Raises:
        CourseError: there are no results at all.
    """
    found, of, people, said = {}, {}, set(), set()
    for store, reports in _results(course):
        assignment = reports[0].assignment
        _say_stopped(store, assignment, reports, console)
        roster = _roster(course, store, sources, console, [r.submission.student for r in reports], said)
        people |= {p.student for p in (roster.people if roster else ())}
        marks = _marks(course, store, reports, roster, sources, console)
        found[assignment] = {m.student: m for m in marks if m.report is not None}
        of[assignment] = max((m.of for m in marks), default=0.0)
    if not found:
        folder = course.root / "grades"
        raise CourseError(f"There are no results in {folder}. Grade first: autograder grade week01/lab --from FOLDER")
    students = {s for marks in found.values() for s in marks} | people
    terms = [term_mark(course, s, {a: found[a].get(s) for a in found}, of) for s in sorted(students)]
    path = to or course.root / "grades" / "marks.csv"
    write_whole_bytes(path, term_csv(course, terms, list(found), of).encode("utf-8"))
    for extension in course.extensions:
        if extension.student not in students:
            console.print(f"  ! course.toml has an extension for {extension.student}, whom nobody knows", markup=False)
    _say_pending(terms, found, console)
    complete = sum(t.total is not None for t in terms)
    total = f"{complete} of {counted(len(terms), 'student')} with a final total"
    console.print(f"\n{counted(len(found), 'assignment')}, {total}: {path}", markup=False)
    return OK if complete == len(terms) else NOT_ALL


def _say_pending(terms: Sequence[TermMark], found: Mapping[str, Mapping[str, FinalMark]], console: Console) -> None:
    """What is not final, a line per assignment: where nothing is, everybody's name would say less."""
    for assignment, marks in found.items():
        open_ = [t.student for t in terms if assignment in t.pending]
        if not open_:
            continue
        why = "; ".join(dict.fromkeys(marks[s].why for s in open_[:50] if s in marks))
        if len(open_) == len([m for m in marks.values() if not m.excused]):
            console.print(f"  ! {assignment}: nothing is final yet ({one_line(why, 200)})", markup=False)
        else:
            console.print(f"  ! {assignment}: not final for {len(open_)} of {len(marks)}: {_listed(open_)}", markup=False)


def _results(course: Course) -> Iterator[tuple[Store, list[Report]]]:
    """Each assignment with results, in the order of due times."""
    ids = [f"{week.id}/{kind}" for week in course.weeks for kind in KINDS]
    for assignment in sorted(ids, key=lambda i: (course.schedule(i).due.timestamp(), i)):
        store = Store(course.root / "grades" / assignment)
        if reports := class_of_last_run(store):
            yield store, reports
