"""`autograder marks`: everybody's marks of the term in one file."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click

from autograder.commands.class_marks import Sources, listed, marks_of, roster_of, say_stopped
from autograder.commands.console import console
from autograder.commands.exit_status import NOT_ALL, OK
from autograder.commands.options import of_class, the_course
from autograder.course import Course
from autograder.course.weeks import KINDS
from autograder.errors import CourseError
from autograder.grading.store import Store, write_whole_bytes
from autograder.marks.final_marks import FinalMark
from autograder.marks.term_table import TermMark, term_csv, term_mark
from autograder.model import Report
from autograder.report.printable import one_line
from autograder.results.last_run import class_of_last_run
from autograder.wording import counted


@click.command()
@click.option("--to", type=click.Path(path_type=Path), help="The file to write [grades/marks.csv].")
@of_class
def marks(to: Path | None, roster: Path | None, ignore_late: bool) -> None:
    """Write everybody's marks of the term as one CSV: late days, penalties, extensions and drops included.

    Exit status: 0 every total is final, 3 some are not (they are listed), 1 there are no results.
    """
    sys.exit(_written(the_course(), to, Sources(roster=roster, ignore_late=ignore_late)))


def _written(course: Course, to: Path | None, sources: Sources) -> int:
    """Writes everybody's marks of the term: those of each assignment's last class.

    Raises:
        CourseError: there are no results at all.
    """
    found, of, people, said = {}, {}, set(), set()
    for store, reports in _results(course):
        assignment = reports[0].assignment
        say_stopped(store, assignment, reports)
        roster = roster_of(course, store, sources, [r.submission.student for r in reports], said)
        people |= {p.student for p in (roster.people if roster else ())}
        marks = marks_of(course, store, reports, roster, sources)
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
    _say_pending(terms, found)
    complete = sum(t.total is not None for t in terms)
    total = f"{complete} of {counted(len(terms), 'student')} with a final total"
    console.print(f"\n{counted(len(found), 'assignment')}, {total}: {path}", markup=False)
    return OK if complete == len(terms) else NOT_ALL


def _say_pending(terms: Sequence[TermMark], found: Mapping[str, Mapping[str, FinalMark]]) -> None:
    """What is not final, a line per assignment: where nothing is, everybody's name would say less."""
    for assignment, marks in found.items():
        open_ = [t.student for t in terms if assignment in t.pending]
        if not open_:
            continue
        why = "; ".join(dict.fromkeys(marks[s].why for s in open_[:50] if s in marks))
        if len(open_) == len([m for m in marks.values() if not m.excused]):
            console.print(f"  ! {assignment}: nothing is final yet ({one_line(why, 200)})", markup=False)
        else:
            console.print(f"  ! {assignment}: not final for {len(open_)} of {len(marks)}: {listed(open_)}", markup=False)


def _results(course: Course) -> Iterator[tuple[Store, list[Report]]]:
    """Each assignment with results, in the order of due times."""
    ids = [f"{week.id}/{kind}" for week in course.weeks for kind in KINDS]
    for assignment in sorted(ids, key=lambda i: (course.schedule(i).due.timestamp(), i)):
        store = Store(course.root / "grades" / assignment)
        if reports := class_of_last_run(store):
            yield store, reports
