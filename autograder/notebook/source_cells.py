"""A solution notebook as its author wrote it: cells with their roles and questions. Only types; reading it runs nothing.

Private side: what stands here holds solutions.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from autograder.model import Assignment
from autograder.notebook import fences
from autograder.notebook.cell_lines import CellLines
from autograder.notebook.python_cells import CellNames

MARKS = ("question", "solution", "check", "predict", "reflect", "answer", "rubric", "instructor")


class Role(enum.StrEnum):
    """What a cell is for; docs/authoring.md has the table."""

    HEADING = "heading"  # Markdown that opens a question
    SOLUTION = "solution"  # code with a fence
    CHECK = "check"
    ANSWER = "answer"  # Markdown: model answer of a written question
    RUBRIC = "rubric"  # staff only
    INSTRUCTOR = "instructor"  # staff only
    PREDICT = "predict"  # Markdown: asks for a prediction, worth no points
    REFLECT = "reflect"  # Markdown: asks for a reflection, worth no points
    FOLDED = "folded-answer"  # Markdown: the author's answer to one of these; published after the due date only
    PREDICTION = "prediction"  # the student's own cell after one of these; made by the generator, never read from a source
    REFLECTION = "reflection"
    DEMO = "demo"
    TEXT = "text"
    SUPPORT = "support"  # unmarked code: runs when grading


STAFF_ONLY = (Role.RUBRIC, Role.INSTRUCTOR)
ASKING = (Role.PREDICT, Role.REFLECT)
GRADED = (Role.SOLUTION, Role.SUPPORT)  # the code cells that run when grading


@dataclass(frozen=True)
class SourceCell:
    """One cell as its author wrote it.

    Attributes:
        index: position among the notebook's cells, from 0.
        role: what it is for.
        question: the question it belongs to by its mark, or "".
        source: text, fence marks included.
        tags: Jupyter tags.
        names: what the code binds and reads (empty for Markdown and staff cells).
        markdown: Markdown, not code.
    """

    index: int
    role: Role
    question: str
    source: str
    tags: tuple[str, ...] = ()
    names: CellNames = field(default_factory=CellNames)
    markdown: bool = False


@dataclass(frozen=True)
class SolutionCell:
    """A code cell to run when the solution is graded: its text without marks, its question ("" for support code)."""

    index: int
    question: str
    source: str
    defines: tuple[str, ...]


@dataclass(frozen=True)
class SourceNotebook:
    """A solution notebook that has passed every check.

    Attributes:
        path: the file.
        assignment: what the rest of the engine knows of it.
        cells: all cells in order.
        library: folder of the `course_lib` that its student notebook carries; None for the installed one.
        graded_with: "python" and "jax" -> the version that submissions are graded with, where known.
        lines: where its cells stand in the file.
    """

    path: Path
    assignment: Assignment
    cells: tuple[SourceCell, ...]
    library: Path | None = None
    graded_with: Mapping[str, str] = field(default_factory=dict)
    lines: CellLines = field(default_factory=CellLines)

    def solution_cells(self) -> tuple[SolutionCell, ...]:
        """The cells that run when grading, in order: solution and support code; no checks, no demonstrations."""
        return tuple(
            SolutionCell(c.index, c.question, fences.without_marks(c.source), c.names.defines)
            for c in self.cells
            if c.role in GRADED
        )

    def of(self, role: Role, question: str) -> tuple[SourceCell, ...]:
        """Cells of one role and question, in order."""
        return tuple(c for c in self.cells if c.role is role and c.question == question)
