"""`autograder warm`: fills the cache of compiled programs."""

from __future__ import annotations

import sys

import click

from autograder.commands.console import console
from autograder.commands.exit_status import OK
from autograder.commands.options import the_course


@click.command()
@click.argument("assignment", required=False)
def warm(assignment: str | None) -> None:
    """Fill the cache of compiled programs from the solutions (grading does it by itself when it is missing)."""
    from autograder.commands.grading_run import warm_up
    from autograder.grading.preparing import target_of
    from autograder.notebook.source import load_assignment

    course = the_course()
    for assignment_id in course.select(assignment):
        source = load_assignment(course, assignment_id)
        warm_up(course, source, target_of(course, source), unsafe=False)
        console.print(f"{assignment_id}: warm")
    sys.exit(OK)
