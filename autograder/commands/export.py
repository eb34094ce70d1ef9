"""`autograder export`: one assignment's marks as a file that a learning platform imports."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from autograder.commands.class_marks import Sources, listed, marks_of, roster_of, say_stopped
from autograder.commands.console import console
from autograder.commands.exit_status import NOT_ALL, OK
from autograder.commands.options import of_class, the_course
from autograder.course import Course
from autograder.errors import CourseError
from autograder.gradebook.lms import Export, fill_template, new_file
from autograder.grading.store import Store, write_whole_bytes
from autograder.marks.final_marks import FinalMark
from autograder.model import Report
from autograder.report.pages import number
from autograder.report.printable import one_line
from autograder.results.last_run import class_of_last_run


@click.command()
@click.argument("assignment")
@click.option("--for", "platform", required=True, type=click.Choice(["canvas", "moodle", "gradescope", "csv"]))
@click.option("--template", type=click.Path(path_type=Path), help="The platform's own export: fill one column, keep the rest.")
@click.option("--column", default="", help="The platform's column for this assignment, where its title does not tell.")
@click.option("--marks", type=click.Path(path_type=Path), help="Marks that people gave, a CSV [manual.csv, nbgrader].")
@click.option("--results", type=click.Path(path_type=Path), help="Results to export [grades/WEEK/NOTEBOOK].")
@click.option("--to", type=click.Path(path_type=Path), help="The file to write [PLATFORM.csv beside the results].")
@of_class
def export(assignment, platform, template, column, marks, results, to, roster, ignore_late) -> None:
    """Write the marks of ASSIGNMENT (week03/lab) as a CSV that Canvas or Moodle imports.

    What has no final mark (not graded, or an answer that waits for a person) is left empty and listed, never a zero.

    Exit status: 0 everybody who handed in has a mark, 3 some do not (they are listed), 1 nothing could be done.
    """
    sources = Sources(results, roster, marks, ignore_late)
    sys.exit(_written(the_course(), assignment, platform, template, column, to, sources))


def _written(course: Course, assignment: str, platform: str, template: Path | None, column: str, to: Path | None,
             sources: Sources) -> int:  # fmt: skip
    folder = sources.results or course.root / "grades" / assignment
    course.schedule(assignment)
    store = Store(folder)
    reports = class_of_last_run(store)
    if not reports:
        raise CourseError(f"There are no results in {folder}. Grade first: autograder grade {assignment} --from FOLDER")
    say_stopped(store, assignment, reports)
    roster = roster_of(course, store, sources, [r.submission.student for r in reports], set())
    marks = marks_of(course, store, reports, roster, sources)
    export = Export(assignment, _title(reports), marks, roster, column)
    written = fill_template(platform, template, export) if template else new_file(platform, export)
    path = to or folder / f"{platform}.csv"
    if template and path.exists() and path.samefile(template):
        raise CourseError(f"{path} is the template itself. Name another file with --to.")
    write_whole_bytes(path, written.data)
    _say(marks, written.notes)
    count = sum(m.points is not None for m in marks)
    console.print(f"\n{count} of {len(marks)} marks, out of {number(export.of)}: {path}", markup=False)
    return NOT_ALL if any(m.points is None and m.report is not None and not m.excused for m in marks) else OK


def _title(reports: Sequence[Report]) -> str:
    return next((r.title for r in reports if r.title), reports[0].assignment)


def _say(marks: Sequence[FinalMark], notes: Sequence[str]) -> None:
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
            console.print(f"  ! {why}: {listed(students)}", markup=False)
    for note in notes:
        console.print(f"  ! {note}", markup=False)
