"""What the commands say and do about nbgrader: `autograder nbgrader init`, and the gradebook's part in `autograder grade`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from autograder.cli import OK, PROBLEM
from autograder.course import Course
from autograder.errors import CourseError
from autograder.gradebook_place import NBGRADER_CONFIG, GradebookPlace
from autograder.model import Report

if TYPE_CHECKING:
    from autograder.grading.store import Store
    from autograder.notebook.intake import Intake
    from autograder.notebook.source import SourceNotebook

_MOST_NOTES = 40


@dataclass(frozen=True)
class Choice:
    """What the options of `grade` say about the gradebook.

    Attributes:
        directory: nbgrader's course directory; None for the course's.
        never: leave the gradebook alone.
        own_results: results go to a folder of the user's choice: a trial, unless `directory` says otherwise.
    """

    directory: Path | None = None
    never: bool = False
    own_results: bool = False


def nbgrader_init_command(course: Course, directory: Path | None, database: str, console: Console) -> int:
    """Makes or updates nbgrader's course directory and says what comes next."""
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
    return PROBLEM if any("is left as it was" in note for note in done.notes) else OK


def place_for(course: Course, choice: Choice) -> GradebookPlace | None:
    """Where `autograder grade` writes marks besides its results; None for nowhere.

    Raises:
        CourseError: a directory was named that `autograder nbgrader init` has not made.
    """
    if choice.never:
        return None
    if choice.directory is not None:
        here = choice.directory.resolve() == course.gradebook.directory.resolve()
        place = course.gradebook if here else GradebookPlace(choice.directory.resolve())
        if not place.exists:
            raise CourseError(
                f"{place.directory} has no {NBGRADER_CONFIG}. Make it first: autograder nbgrader init {choice.directory}"
            )
        return place
    return course.gradebook if course.gradebook.exists and not choice.own_results else None


def write_to_gradebook(course: Course, place: GradebookPlace, source: SourceNotebook, store: Store, intake: Intake,
                       reports: Sequence[Report], within: Path, console: Console) -> None:  # fmt: skip
    """Writes a class that has been graded, and says so."""
    from autograder.gradebook.class_entries import Handed, write_class

    wanted = {r.submission.student for r in reports}
    handed = (
        Handed(report, file, within)
        for submission, file in zip(intake.submissions, intake.files, strict=True)
        if submission.student in wanted and (report := store.load_one(submission.student)) is not None
    )
    with console.status("writing to the gradebook"):
        written = write_class(course, place, source, handed)
    waiting = f", {written.waiting} of them waiting for a person in formgrader" if written.waiting else ""
    console.print(f"  gradebook         {place.directory}: {written.submissions} submissions{waiting}", markup=False)
    for note in written.notes[:_MOST_NOTES]:
        console.print(f"  - {note}", markup=False)
    if len(written.notes) > _MOST_NOTES:
        console.print(f"  - and {len(written.notes) - _MOST_NOTES} more", markup=False)
