"""`autograder nbgrader init`: the course directory of nbgrader."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import click

from autograder.commands.console import console
from autograder.commands.exit_status import OK, PROBLEM
from autograder.commands.options import the_course
from autograder.course import Course
from autograder.gradebook_place import GradebookPlace


@click.group()
def nbgrader() -> None:
    """The course in nbgrader: its course directory, gradebook and formgrader."""


@nbgrader.command("init")
@click.argument("directory", required=False, type=click.Path(path_type=Path))
@click.option("--database", default="", metavar="URL", help="An SQLAlchemy URL in place of DIRECTORY/gradebook.db.")
def nbgrader_init(directory: Path | None, database: str) -> None:
    """Make or update nbgrader's course directory (default: [gradebook] in course.toml) from our assignments."""
    sys.exit(_initialised(the_course(), directory, database))


def _initialised(course: Course, directory: Path | None, database: str) -> int:
    from autograder.gradebook.nbgrader_course import init

    place = course.gradebook
    if directory is not None:
        place = GradebookPlace(directory.resolve(), "" if directory.resolve() != place.directory.resolve() else place.database)
    if database:
        place = replace(place, database=database)
    done = init(course, place, course.assignments())
    for name in done.written:
        console.print(f"written  source/{name}", markup=False)
    if done.fresh:
        console.print(f"fresh    {len(done.fresh)} more under source/", markup=False)
    for note in done.notes:
        console.print(f"  ! {note}", markup=False)
    console.print(f"\nnbgrader's course directory is {place.directory}. Work in it:", markup=False)
    first = (*done.written, *done.fresh)[:1]
    for name in first:
        console.print(f"  nbgrader generate_assignment {name} && nbgrader release_assignment {name}", markup=False)
        console.print(f"  nbgrader collect {name} && nbgrader autograde {name}     (or formgrader: jupyter lab)", markup=False)
    if place != course.gradebook:
        line = f'[gradebook] directory = "{place.directory}"' + (f', database = "{place.database}"' if place.database else "")
        console.print(f"Put {line} into {course.file}, and `autograder grade` writes its marks there, too.", markup=False)
    return PROBLEM if done.kept else OK
