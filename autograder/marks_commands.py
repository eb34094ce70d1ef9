"""`autograder export` and `autograder marks`: gather, compute, write a file, say what is open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from autograder.cli import NOT_ALL, OK
from autograder.course import KINDS, Course
from autograder.errors import CourseError
from autograder.gradebook.final_marks import FinalMark, final_marks, gradebook_marks, read_manual_marks
from autograder.gradebook.lms import Export, fill_template, new_file
from autograder.gradebook.marking import Marker
from autograder.gradebook.term import term_csv, term_mark
from autograder.grading.store import Store, brief, write_whole_bytes
from autograder.model import Report
from autograder.report.pages import number
from autograder.roster import Roster, read_roster
from autograder.wording import counted

MANUAL_FILE = "manual.csv"


@dataclass(frozen=True)
class Sources:
    """Where marks are read.

    Attributes:
        results: one assignment's results, instead of those below grades/.
        roster: the class list, instead of the one that course.toml names.
        marks: marks that people gave, a CSV; None for manual.csv beside the results or nbgrader's gradebook, where there is one.
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
    reports = [brief(r) for r in Store(folder).load()]
    if not reports:
        raise CourseError(f"There are no results in {folder}. Grade first: autograder grade {assignment} --from FOLDER")
    roster = _roster(course, sources, console, [r.submission.student for r in reports])
    marks = _marks(course, assignment, reports, roster, sources, console)
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


def _roster(course: Course, sources: Sources, console: Console, names: Sequence[str] = ()) -> Roster | None:
    file = sources.roster or course.roster
    roster = read_roster(file, course.time_zone, names) if file else None
    for note in roster.notes if roster else ():
        console.print(f"  . {note}", markup=False)
    return roster


def _marks(course: Course, assignment: str, reports: Sequence[Report], roster: Roster | None,
           sources: Sources, console: Console) -> list[FinalMark]:  # fmt: skip
    """Late days depend on the whole term's results, so other assignments' are looked up where they are needed."""
    marker = Marker(course, lambda student, other: Store(course.root / "grades" / other).load_one(student), sources.ignore_late)
    beside = (sources.results or course.root / "grades" / assignment) / MANUAL_FILE
    if sources.marks or beside.is_file():
        questions = {q.id: q.points for r in reports for q in r.questions}
        manual, notes = read_manual_marks(sources.marks or beside, questions, roster, [r.submission.student for r in reports])
        for note in notes:
            console.print(f"  . {note}", markup=False)
    else:
        manual = gradebook_marks(course, assignment, [r.submission.student for r in reports])
    return final_marks(reports, manual, marker, roster)


def _title(reports: Sequence[Report]) -> str:
    return next((r.title for r in reports if r.title), reports[0].assignment)


def _say(console: Console, marks: Sequence[FinalMark], notes: Sequence[str]) -> None:
    for mark in marks:
        if mark.why:
            number_or_blank = "no mark" if mark.points is None else number(mark.points)
            console.print(f"  ! {mark.student}: {number_or_blank}: {mark.why}", markup=False)
    for note in notes:
        console.print(f"  ! {note}", markup=False)


def marks_command(course: Course, to: Path | None, sources: Sources, console: Console) -> int:
    """Writes everybody's marks of the term.

    Raises:
        CourseError: there are no results at all.
    """
    roster, found, of = _roster(course, sources, console), {}, {}
    for assignment, reports in _results(course):
        marks = _marks(course, assignment, reports, roster, sources, console)
        found[assignment] = {m.student: m for m in marks if m.report is not None}
        of[assignment] = max((m.of for m in marks), default=0.0)
    if not found:
        folder = course.root / "grades"
        raise CourseError(f"There are no results in {folder}. Grade first: autograder grade week01/lab --from FOLDER")
    students = {s for marks in found.values() for s in marks} | {p.student for p in (roster.people if roster else ())}
    terms = [term_mark(course, s, {a: found[a].get(s) for a in found}, of) for s in sorted(students)]
    path = to or course.root / "grades" / "marks.csv"
    write_whole_bytes(path, term_csv(course, terms, list(found), of).encode("utf-8"))
    for extension in course.extensions:
        if extension.student not in students:
            console.print(f"  ! course.toml has an extension for {extension.student}, whom nobody knows", markup=False)
    for term in terms:
        if term.pending:
            console.print(f"  ! {term.student}: not final: {', '.join(term.pending)}", markup=False)
    complete = sum(t.total is not None for t in terms)
    total = f"{complete} of {counted(len(terms), 'student')} with a final total"
    console.print(f"\n{counted(len(found), 'assignment')}, {total}: {path}", markup=False)
    return OK if complete == len(terms) else NOT_ALL


def _results(course: Course) -> Iterator[tuple[str, list[Report]]]:
    """Each assignment with results, in the order of due times."""
    ids = [f"{week.id}/{kind}" for week in course.weeks for kind in KINDS]
    for assignment in sorted(ids, key=lambda i: (course.schedule(i).due.timestamp(), i)):
        reports = [brief(r) for r in Store(course.root / "grades" / assignment).load()]
        if reports:
            yield assignment, reports
