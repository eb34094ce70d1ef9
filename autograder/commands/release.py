"""`autograder release`: what students get, packed."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from autograder.commands.console import console, near
from autograder.commands.exit_status import OK
from autograder.commands.options import the_course


@click.command()
@click.argument("week", required=False)
@click.option("--to", "folder", type=click.Path(file_okay=False, path_type=Path), help="Where the zips go [build/release].")
@click.option("--with-answers", is_flag=True, help="With the answers to Predict and Reflect, folded. After the due date only.")
@click.option("--before-due", is_flag=True, help="With --with-answers: publish the answers although it is not due yet.")
def release(week: str | None, folder: Path | None, with_answers: bool, before_due: bool) -> None:
    """Pack what students get: WEEK's notebooks (or week03/lab alone), requirements, a page, course_lib as a wheel."""
    from autograder.notebook.source import load_assignment
    from autograder.release.bundle import release as bundles
    from autograder.release.record import write_record

    course = the_course()
    folder = folder or course.root / "build" / "release"
    for bundle in bundles(course, week, folder, with_answers=with_answers, before_due=before_due):
        console.print(near(bundle.path), markup=False)
        for assignment, dates in zip(bundle.assignments, bundle.schedules, strict=True):
            console.print(f"  {assignment}  out {dates.released:%Y-%m-%d %H:%M}, due {dates.due:%Y-%m-%d %H:%M}", markup=False)
            if not with_answers:
                write_record(course, load_assignment(course, assignment))
    sys.exit(OK)
