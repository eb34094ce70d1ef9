"""`nbgrader export` for this course: nbgrader's own columns, and whether a mark still waits for a person.

nbgrader counts what nobody has marked yet as zero; here the file and the log say which rows that concerns.
"""

from __future__ import annotations

import csv

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.plugins import ExportPlugin

from autograder.report.class_table import FORMULA_STARTS

COLUMNS = (
    "assignment duedate timestamp student_id last_name first_name email raw_score late_submission_penalty score max_score "
    "needs_manual_grade"
).split()


class MarkExport(ExportPlugin):
    """Writes grades.csv, or what `--to` names."""

    def export(self, gradebook: Gradebook) -> None:
        """One row per student and assignment; who handed in nothing has 0."""
        rows = [
            self._row(gradebook, assignment, student)
            for assignment in gradebook.assignments
            if not self.assignment or assignment.name in [str(a) for a in self.assignment]
            for student in gradebook.students
            if not self.student or student.id in [str(s) for s in self.student]
        ]
        path = self.to or "grades.csv"
        with open(path, "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(rows)
        unfinished = [f"{r['student_id']}/{r['assignment']}" for r in rows if r["needs_manual_grade"]]
        if unfinished:
            self.log.warning(
                "%d marks are not final, because something in them waits for a person (formgrader shows it): %s",
                len(unfinished), ", ".join(unfinished[:20]) + (" ..." if len(unfinished) > 20 else ""),
            )  # fmt: skip
        self.log.info("Exported %d rows to %s", len(rows), path)

    def _row(self, gradebook: Gradebook, assignment, student) -> dict[str, object]:
        row: dict[str, object] = {
            "assignment": assignment.name,
            "duedate": assignment.duedate or "",
            "student_id": _plain(student.id),
            "last_name": _plain(student.last_name),
            "first_name": _plain(student.first_name),
            "email": _plain(student.email),
            "max_score": assignment.max_score,
        }
        try:
            submission = gradebook.find_submission(assignment.name, student.id)
        except MissingEntry:
            return row | {"timestamp": "", "raw_score": 0.0, "late_submission_penalty": 0.0, "score": 0.0,
                          "needs_manual_grade": False}  # fmt: skip
        penalty = submission.late_submission_penalty or 0.0
        return row | {
            "timestamp": submission.timestamp or "",
            "raw_score": submission.score,
            "late_submission_penalty": penalty,
            "score": max(0.0, submission.score - penalty),
            "needs_manual_grade": bool(submission.needs_manual_grade),
        }


def _plain(text: str | None) -> str:
    """A student's words must not be a formula in somebody's spreadsheet."""
    return f"'{text}" if text and text.startswith(FORMULA_STARTS) else text or ""
