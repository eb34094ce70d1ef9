"""`autograder package`: the zip by which another service grades an assignment."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from autograder.commands.console import console, near
from autograder.commands.exit_status import OK
from autograder.commands.options import the_course


@click.command()
@click.argument("assignment")
@click.option("--for", "service", required=True, type=click.Choice(["gradescope"]), help="Where the package will run.")
@click.option("--to", "path", type=click.Path(dir_okay=False, path_type=Path), help="The zip [build/packages/WEEK-NOTEBOOK.zip].")
@click.option("--minutes", default=10, show_default=True, type=click.IntRange(4, 40), help="After which its settings end a run.")
@click.option("--memory", default=768, show_default=True, type=click.IntRange(700), help="MB that its settings give a run.")
def package(assignment: str, service: str, path: Path | None, minutes: int, memory: int) -> None:
    """Make the zip by which Gradescope grades ASSIGNMENT (week03/lab). PRIVATE: it holds the hidden suite."""
    from autograder.packaging.builder import build_package

    course = the_course()
    default = course.root / "build" / "packages" / f"{assignment.replace('/', '-')}-gradescope.zip"
    made = build_package(course, assignment, path or default, minutes, memory)
    size = made.path.stat().st_size / 1e6
    console.print(f"{near(made.path)}  {size:.1f} MB. Private: it holds the hidden suite.", markup=False)
    by_hand = f", and a question of {made.by_hand:g} points that a person marks" if made.by_hand else ""
    console.print(f"On Gradescope: a programming assignment with {made.points:g} autograder points{by_hand}. docs/gradescope.md")
    sys.exit(OK)
