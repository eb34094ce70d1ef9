"""`autograder build`: student notebooks from solution notebooks, written or checked to be fresh."""

from __future__ import annotations

import sys

import click

from autograder.commands.console import console, near
from autograder.commands.exit_status import OK, PROBLEM
from autograder.commands.options import the_course


@click.command()
@click.argument("week", required=False)
@click.option("--check", is_flag=True, help="Change nothing; say which student notebooks are stale.")
@click.option("--new-points", is_flag=True, help="Of WEEK: students know that its points are not those of the release.")
def build(week: str | None, check: bool, new_points: bool) -> None:
    """Make the student notebooks in assignments/ from solutions/. WEEK: week03, 3 or week03/lab; all if left out."""
    from autograder.release.build import build as built

    course = the_course()
    result = built(course, course.select(week) if week else None, check=check, new_points=new_points)
    for done in result.built:
        state = ("stale" if check else "written") if done.changed else "fresh"
        console.print(f"{state:8} {near(done.path)}  {done.questions} questions, {done.points:g} points", markup=False)
    for page in result.pages:
        if page.changed:
            console.print(f"{'stale' if check else 'written':8} {near(page.path)}", markup=False)
    for error in result.errors:
        click.echo(click.style("mistake  ", fg="red", bold=True) + str(error), err=True)
    for path in result.orphans:
        click.echo(f"orphan   {near(path)} has no solution notebook: delete it, or restore its week.", err=True)
    if result.stale:
        click.echo("Stale files: run `autograder build` and commit what it writes.", err=True)
    sys.exit(OK if result.ok else PROBLEM)
