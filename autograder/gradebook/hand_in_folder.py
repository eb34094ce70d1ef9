"""The folders in which nbgrader keeps a student's work: `submitted/<student>/week03-lab/lab.ipynb` with `timestamp.txt`.

What `autograder grade` takes from elsewhere (a learning platform's download) is put there too, so that formgrader finds it.
A file that has to make room is kept under `superseded/`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from pathlib import Path

from nbgrader.utils import parse_utc

from autograder.course import Course
from autograder.errors import SubmissionError
from autograder.grading.store import write_whole
from autograder.grading.target import SUBMISSION_MB
from autograder.model import Report, Submission
from autograder.notebook.companions import read
from autograder.notebook.intake import collect
from autograder.notebook.submitted_file import read_bytes
from autograder.platforms.nbgrader.names import nbgrader_assignment, nbgrader_notebook, nbgrader_student
from autograder.roster import read_roster

_STAMP = "timestamp.txt"


@dataclass(frozen=True)
class HandIn:
    """Where one student's work on one assignment lies in nbgrader's course directory `root`; `student` as nbgrader names them."""

    root: Path
    student: str
    assignment: str

    @classmethod
    def of(cls, root: Path, report: Report, file: Path) -> HandIn:
        """Where the work behind a report belongs. What nbgrader collected stays with the student whose folder it lies in."""
        student = nbgrader_student(report.submission.student)
        collected = (root / "submitted").resolve()
        parts = file.resolve().relative_to(collected).parts if file.resolve().is_relative_to(collected) else ()
        return cls(root, parts[0] if len(parts) > 1 else student, report.assignment)

    @property
    def submitted(self) -> Path:
        return self._folder("submitted")

    @property
    def autograded(self) -> Path:
        return self._folder("autograded")

    @property
    def notebook(self) -> str:
        """The notebook's file name."""
        return f"{nbgrader_notebook(self.assignment)}.ipynb"

    def handed_in(self) -> dt.datetime | None:
        """What nbgrader takes for the time of submission: UTC without zone, None if the folder does not say."""
        return stamp(self.submitted)

    def _folder(self, step: str) -> Path:
        return self.root / step / self.student / nbgrader_assignment(self.assignment)

    def put(self, submission: Submission, file: Path, within: Path) -> str:
        """Makes `file` the work that is marked.

        Returns:
            Why the gradebook must not take it (a later submission lies there), or "".
        """
        place = self.submitted / self.notebook
        if file.resolve() == place.resolve():
            return ""
        try:
            data = read_bytes(file, SUBMISSION_MB, within=within)
        except SubmissionError:
            return ""  # nothing that could be copied; the report says why
        there = place.read_bytes() if place.is_file() else None
        if there == data:
            return ""
        when = _utc(submission.submitted_at)
        old = self.handed_in()
        inside = file.resolve().is_relative_to(self.submitted.resolve())
        if there is not None and not inside and old and when and old > when:
            return (
                f"{place} was handed in later than {submission.path} and keeps its place and marks; "
                "grade that folder, or remove the file, to change this"
            )
        if there is not None:
            self._set_aside(there)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)  # nbgrader makes its files read-only
        if inside and file.parent.resolve() == self.submitted.resolve():
            file.rename(place)  # what the student renamed
            return ""
        place.write_bytes(data)
        self._put_companions(submission)
        if when and not inside:
            (self.submitted / _STAMP).unlink(missing_ok=True)
            write_whole(self.submitted / _STAMP, f"{when:%Y-%m-%d %H:%M:%S} UTC")
        return ""

    def _put_companions(self, submission: Submission) -> None:
        """The student's own files, so that grading what lies here finds them again."""
        for name, data in read(submission.companions).files.items():
            target = self.submitted / name
            if target.name != _STAMP and target != self.submitted / self.notebook:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.unlink(missing_ok=True)
                target.write_bytes(data)

    def _set_aside(self, data: bytes) -> None:
        folder = self._folder("superseded")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{Path(self.notebook).stem}-{hashlib.sha256(data).hexdigest()[:12]}.ipynb").write_bytes(data)

    def write_autograded(self, text: str) -> None:
        """Writes the notebook that formgrader shows, with the stamp by which it knows it to be current."""
        write_whole(self.autograded / self.notebook, text)
        (self.autograded / self.notebook).chmod(0o444)
        stamp_file = self.submitted / _STAMP
        if stamp_file.is_file():
            write_whole(self.autograded / _STAMP, stamp_file.read_text(encoding="utf-8", errors="replace"))


def find(course: Course, folder: Path, student: str, assignment: str) -> tuple[Submission, Path, tuple[str, ...]]:
    """The notebook of an assignment in a student's folder, as `autograder grade` would choose it, under the class list's id.

    Returns:
        The submission, its file, and what the staff should know: which of several files counts, and what was guessed.

    Raises:
        SubmissionError: there is none.
        CourseError: the class list is damaged.
    """
    roster = read_roster(course.roster, course.time_zone, [student]) if course.roster else None
    own = (lambda parts, assignment_id: student,)
    intake = collect(folder, assignment, max_mb=SUBMISSION_MB, schemes=own, roster=roster, zone=course.time_zone, bulk=False)
    if not intake.submissions:
        raise SubmissionError(f"{folder}: no notebook of {assignment} in it. Collect it again.")
    guessed = roster.notes if roster else ()
    said = (*guessed, *intake.notes, *(line if line.startswith(path) else f"{path}: {line}" for path, line in intake.problems))
    return intake.submissions[0], intake.files[0], said


def stamp(folder: Path) -> dt.datetime | None:
    """The time in a folder's timestamp.txt, as nbgrader reads it."""
    try:
        return parse_utc((folder / _STAMP).read_text(encoding="utf-8").strip())
    except (OSError, ValueError, OverflowError):
        return None


def _utc(iso: str) -> dt.datetime | None:
    return parse_utc(iso) if iso else None
