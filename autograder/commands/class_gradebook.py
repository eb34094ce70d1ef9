"""nbgrader's gradebook in `autograder grade`: where marks go besides the results, and writing a class into it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.commands.console import console
from autograder.course import Course
from autograder.errors import CourseError
from autograder.gradebook_place import NBGRADER_CONFIG, GradebookPlace
from autograder.model import Report

if TYPE_CHECKING:
    from autograder.grading.store import Store
    from autograder.notebook.intake import Intake
    from autograder.notebook.source_cells import SourceNotebook

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
                       reports: Sequence[Report], within: Path) -> None:  # fmt: skip
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
