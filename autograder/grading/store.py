"""Results on disk: one folder per assignment, each file replaced whole or not at all.

    grades/week03/lab/
      reports/<student>.json     everything, staff only
      feedback/<student>.html    what the student gets
      class.html  grades.csv     for the staff
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from autograder.errors import CourseError
from autograder.model import Assignment, Report, from_json, to_json
from autograder.report.class_report import feedback_link, render_class
from autograder.report.class_table import class_csv
from autograder.report.feedback import render_feedback
from autograder.report.printable import safe_name


class Store:
    """The results of one assignment below `folder` (made when first written to)."""

    def __init__(self, folder: Path):
        self.folder = folder

    def report_path(self, student: str) -> Path:
        return self.folder / "reports" / f"{safe_name(student)}.json"

    def feedback_path(self, report: Report) -> Path:
        return self.folder / feedback_link(report)

    def save(self, report: Report) -> None:
        """Writes a student's report and feedback page.

        Raises:
            CourseError: the disk refuses.
        """
        write_whole(self.feedback_path(report), render_feedback(report))
        # Last, because it is what says that this student is done.
        write_whole(self.report_path(report.submission.student), to_json(report))

    def save_class(self, reports: Sequence[Report], assignment: Assignment) -> None:
        """Writes the pages over the whole class."""
        write_whole(self.folder / "class.html", render_class(reports, assignment))
        write_whole(self.folder / "grades.csv", class_csv(reports))

    def load(self) -> list[Report]:
        """Every report there is, by student; files that cannot be read are left out."""
        reports = []
        for path in sorted((self.folder / "reports").glob("*.json")):
            report = self._read(path)
            if report is not None:
                reports.append(report)
        return sorted(reports, key=lambda r: r.submission.student)

    def load_one(self, student: str) -> Report | None:
        """A student's report, or None."""
        return self._read(self.report_path(student))

    @staticmethod
    def _read(path: Path) -> Report | None:
        try:
            return from_json(Report, path.read_text())
        except (OSError, ValueError, TypeError):
            return None

    def forget(self, students: Iterable[str]) -> None:
        """Removes students who no longer have a submission."""
        for student in students:
            report = self._read(self.report_path(student))
            if report is not None:
                self.feedback_path(report).unlink(missing_ok=True)
            self.report_path(student).unlink(missing_ok=True)


def write_whole(path: Path, text: str) -> None:
    """Replaces a file in one step: a reader, or a power cut, finds the old text or the new.

    Raises:
        CourseError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fd, draft = tempfile.mkstemp(dir=path.parent, prefix=".draft-")
        try:
            with os.fdopen(fd, "w", encoding="utf-8", errors="backslashreplace") as f:
                f.write(text)
                f.flush()
                os.fsync(f.fileno())
            os.chmod(draft, 0o640)
            os.replace(draft, path)
        except BaseException:
            os.unlink(draft)
            raise
    except OSError as e:
        raise CourseError(f"{path} cannot be written ({e.strerror}). Free some space or name another folder by --to.") from None
