"""A graded class, written into nbgrader's course directory and gradebook by the one process that graded it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from autograder.course import Course
from autograder.errors import SubmissionError
from autograder.gradebook.hand_in_folder import HandIn
from autograder.gradebook.repaired_notebook import Repaired, repair, unreadable_notebook
from autograder.gradebook_place import GradebookPlace
from autograder.grading.target import SUBMISSION_MB
from autograder.model import Report, Status
from autograder.notebook.companions import read
from autograder.notebook.source_cells import SourceNotebook
from autograder.notebook.student import student_notebook, to_text
from autograder.notebook.submission import read_submission
from autograder.platforms.nbgrader.book import Entry, open_book


@dataclass(frozen=True)
class Handed:
    """A report, and the file that it is about."""

    report: Report
    file: Path
    within: Path


@dataclass(frozen=True)
class Written:
    """What went into the gradebook.

    Attributes:
        submissions: how many.
        waiting: how many of them wait for a person.
        notes: lines for the staff, about what was repaired and what was not written.
    """

    submissions: int
    waiting: int
    notes: tuple[str, ...]


def write_class(course: Course, place: GradebookPlace, source: SourceNotebook, handed: Iterable[Handed]) -> Written:
    """Writes every report.

    Raises:
        CourseError: the database does not answer, or a file cannot be written.
    """
    assignment_id = source.assignment.id
    released = student_notebook(source)
    count, waiting = 0, 0
    with open_book(place.url, course.id) as book:
        notes = list(book.register(assignment_id, released, course.schedule(assignment_id).due))
        for one in handed:
            student = one.report.submission.student
            hand_in = HandIn.of(place.directory, one.report, one.file)
            refusal = hand_in.put(one.report.submission, one.file, one.within)
            if refusal:
                notes.append(f"{student}: {refusal}")
                continue
            placed = hand_in.submitted / hand_in.notebook
            file, within = (placed, hand_in.submitted) if placed.is_file() else (one.file, one.within)
            repaired = notebook_to_mark(released, one.report, file, within)
            notes += [f"{student}: {note}" for note in repaired.notes]
            hand_in.write_autograded(to_text(repaired.notebook))
            extension = extension_of(course, one.report)
            waiting += book.write(Entry(one.report, repaired.notebook, hand_in.handed_in(), hand_in.student, extension))
            count += 1
    return Written(count, waiting, tuple(notes))


def extension_of(course: Course, report: Report) -> dt.timedelta | None:
    """How much later than the class's a student's own due time is, where course.toml gives them one."""
    own = course.extension(report.submission.student, report.assignment)
    return own.due - course.schedule(report.assignment).due if own else None


def notebook_to_mark(released: NotebookNode, report: Report, file: Path, within: Path) -> Repaired:
    """The notebook that people mark for a report: the submission repaired, or the released one for what cannot be read."""
    if report.status is Status.UNREADABLE:
        return Repaired(unreadable_notebook(released, report.reason))
    try:
        submitted = read_submission(file, SUBMISSION_MB, assignment=report.assignment, within=within)
    except SubmissionError as e:  # it could be read when it was graded
        return Repaired(unreadable_notebook(released, str(e)))
    return repair(released, submitted, read(report.submission.companions, submitted.carried))
