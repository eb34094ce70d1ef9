"""`autograder instructor`: the solved notebooks as pages, with notes and marking schemes."""

from __future__ import annotations

import sys

import click

from autograder.commands.console import console, near
from autograder.commands.exit_status import OK
from autograder.commands.options import the_course


@click.command()
@click.argument("assignment", required=False)
def instructor(assignment: str | None) -> None:
    """Run the solved notebooks and write them, with notes and marking schemes, to build/instructor/ as HTML. Private."""
    from autograder.notebook.instructor import instructor_page

    course = the_course()
    for assignment_id in course.select(assignment):
        with console.status(f"running {assignment_id}"):
            path = instructor_page(course, assignment_id)
        console.print(near(path), markup=False)
    sys.exit(OK)
