"""What `autograder export` and `autograder marks` share: marks of a class, from results, people and the late policy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.commands.console import console
from autograder.course import Course
from autograder.errors import CourseError
from autograder.grading.store import Store
from autograder.marks.by_people import MANUAL_FILE, GivenMarks, gradebook_marks
from autograder.marks.final_marks import FinalMark, final_marks
from autograder.marks.marking import Marker
from autograder.model import Report
from autograder.report.printable import one_line
from autograder.results.last_run import read_last_run
from autograder.roster import Roster, read_roster

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


def say_stopped(store: Store, assignment: str, reports: Sequence[Report]) -> None:
    """Results of a run that did not come to its end are partly those of the run before."""
    run = read_last_run(store.folder)
    if run is not None and not run.finished:
        line = f"the last run over {assignment} was stopped, {len(reports)} of {len(run.students)} have results: grade again"
        console.print(f"  ! {line}", markup=False)


def roster_of(course: Course, store: Store, sources: Sources, names: Sequence[str], said: set[str]) -> Roster | None:
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


def marks_of(course: Course, store: Store, reports: Sequence[Report], roster: Roster | None,
             sources: Sources) -> list[FinalMark]:  # fmt: skip
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


def listed(students: Sequence[str]) -> str:
    """The first dozen of them, and how many more there are."""
    shown = ", ".join(one_line(s, 60) for s in students[:_MOST_NAMES])
    return shown if len(students) <= _MOST_NAMES else f"{shown} and {len(students) - _MOST_NAMES} more"
