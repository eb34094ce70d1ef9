"""nbgrader's own commands, run as a person runs them: in a folder with its nbgrader_config.py."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.api import Gradebook

ROOT = Path(__file__).parents[2]


def nbgrader(folder: Path, *words: str, check: bool = True, **env: str) -> subprocess.CompletedProcess:
    """Runs `nbgrader WORDS` in a folder; settings of the machine's own Jupyter stay out."""
    own = {"JUPYTER_CONFIG_DIR": str(folder / ".jupyter"), "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *words],
        cwd=folder, env={**os.environ, "PATH": path, **own, **env}, capture_output=True, text=True, check=False, timeout=1500,
    )  # fmt: skip
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done


@dataclass(frozen=True)
class Mark:
    """One question of one student, as the gradebook holds it."""

    auto: float | None
    manual: float | None
    waits: bool
    comment: str | None
    said: str | None


@dataclass(frozen=True)
class Row:
    """One submission in the gradebook."""

    score: float
    waits: bool
    penalty: float
    marks: dict[str, Mark] = field(default_factory=dict)


def rows(url: str, course_id: str, assignment: str) -> dict[str, Row]:
    """What nbgrader itself reads in a gradebook, by student."""
    with Gradebook(url, course_id) as book:
        return {s.student.id: _row(s) for s in book.assignment_submissions(assignment)}


def _row(submission) -> Row:
    (notebook,) = submission.notebooks
    comments = {c.name: c for c in notebook.comments}
    return Row(
        submission.score,
        bool(submission.needs_manual_grade),
        submission.late_submission_penalty or 0.0,
        {
            g.name: Mark(
                g.auto_score,
                g.manual_score,
                g.needs_manual_grade,
                comments[g.name].comment if g.name in comments else None,
                comments[g.name].auto_comment if g.name in comments else None,
            )
            for g in notebook.grades
            if g.max_score
        },
    )


def enter_by_hand(url: str, course_id: str, assignment: str, student: str, question: str, score: float | None,
                  comment: str | None = None) -> None:  # fmt: skip
    """What formgrader's page writes when a person types a score and a comment."""
    notebook = assignment.rpartition("-")[2]
    with Gradebook(url, course_id) as book:
        grade = book.find_grade(question, notebook, assignment, student)
        grade.manual_score, grade.needs_manual_grade = score, score is None and grade.auto_score is None
        if comment is not None:
            book.find_comment(question, notebook, assignment, student).manual_comment = comment
        book.db.commit()
