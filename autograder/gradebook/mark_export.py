"""`nbgrader export` for this course: nbgrader's own columns, and whether a mark still waits for a person.

nbgrader counts as zero what nobody has marked yet, and what was never handed in. Here the file and the log say which rows wait
for a person, and who handed in nothing has no number at all: whether that is a zero is for a person to say.
"""

from __future__ import annotations

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.plugins import ExportPlugin

from autograder.platforms.csv_out import csv_of, text_cell
from autograder.report.printable import one_line

COLUMNS = (
    "assignment duedate timestamp student_id last_name first_name email raw_score late_submission_penalty score max_score "
    "needs_manual_grade"
).split()


class MarkExport(ExportPlugin):
    """Writes grades.csv, or what `--to` names."""

    def export(self, gradebook: Gradebook) -> None:
        """One row per student and assignment; who handed in nothing has empty cells for timestamp, scores and penalty."""
        rows = [
            self._row(gradebook, assignment, student)
            for assignment in gradebook.assignments
            if not self.assignment or assignment.name in [str(a) for a in self.assignment]
            for student in gradebook.students
            if not self.student or student.id in [str(s) for s in self.student]
        ]
        path = self.to or "grades.csv"
        with open(path, "w", newline="", encoding="utf-8") as file:
            file.write(csv_of([COLUMNS, *([str(row[c]) for c in COLUMNS] for row in rows)]))
        self._warn("%d marks are not final, because something in them waits for a person (formgrader shows it): %s",
                   [r for r in rows if r["needs_manual_grade"]])  # fmt: skip
        self._warn("Nothing was handed in, so the cells are empty and no zeros (%d): %s",
                   [r for r in rows if r["score"] == ""])  # fmt: skip
        self.log.info("Exported %d rows to %s", len(rows), path)

    def _warn(self, words: str, rows: list[dict[str, object]]) -> None:
        names = [f"{r['student_id']}/{r['assignment']}" for r in rows]
        if names:
            self.log.warning(words, len(names), ", ".join(names[:20]) + (" ..." if len(names) > 20 else ""))

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
            return row | {"timestamp": "", "raw_score": "", "late_submission_penalty": "", "score": "",
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
    return text_cell(one_line(text or "", 300))
