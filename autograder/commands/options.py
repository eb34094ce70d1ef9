"""Options that several commands share, and the course that a command is run in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import click

from autograder.course import Course, find_root, load_course

unsafe = click.option(
    "--unsafe-no-sandbox", "unsafe", is_flag=True, help="Grade even where submissions cannot be isolated; reports say so."
)
source = click.option(
    "--from", "folder", required=True, type=click.Path(path_type=Path),
    help="What was handed in: a folder, or the zip that Canvas, Moodle or Gradescope gives.",
)  # fmt: skip
results = click.option("--to", "results", type=click.Path(path_type=Path), help="Where results go [grades/WEEK/NOTEBOOK].")
workers = click.option("--workers", default=0, show_default="one per core", help="Grading processes.")

_OF_CLASS = (
    click.option("--roster", type=click.Path(path_type=Path), help="The class list, a CSV [the one that course.toml names]."),
    click.option("--ignore-late", is_flag=True, help="Take everything as handed in on time."),
)


def all_of(options: Sequence[Callable]) -> Callable:
    """A decorator that gives a command several options, in this order."""

    def decorate(command: Callable) -> Callable:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


of_class = all_of(_OF_CLASS)


def the_course() -> Course:
    """The course whose folder (or one below it) this command is run in.

    Raises:
        CourseError: it is run outside of a course, or course.toml has a mistake.
    """
    return load_course(find_root(Path.cwd()))
