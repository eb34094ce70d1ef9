"""Errors of the product: each says what is wrong, where, and what to do next.

The command line prints them as one paragraph without a traceback; every other exception is a bug of ours.
"""

from __future__ import annotations

from pathlib import Path


class AutograderError(Exception):
    """Base of all errors whose message is meant for the person at the terminal."""


class CourseError(AutograderError):
    """course.toml, a command's argument or the layout of the repository is wrong."""


class AuthoringError(AutograderError):
    """An instructor's mistake in a solution notebook, a hidden suite or an answers file.

    Its text begins with `file:line:`, as editors and terminals understand it.

    Args:
        file: the file to edit.
        problem: what is wrong, one sentence.
        remedy: what to do, one sentence.
        cell: zero-based index of the cell, where there is one.
        line: of the file, from 1; None where no line is meant (a file that is missing), or where only `cell` is known yet.
        within: line of the cell's text, from 1, while `line` is not known.
    """

    def __init__(self, file: Path | str, problem: str, remedy: str, cell: int | None = None, line: int | None = None,
                 within: int | None = None):  # fmt: skip
        self.file, self.problem, self.remedy = str(file), problem, remedy
        self.cell, self.line, self.within = cell, line, within
        where = f"{self.file}:{line}" if line is not None else self.file
        super().__init__(f"{where}: {problem} {remedy}")

    def __reduce__(self):
        # Workers send it home; the default would call the class with the finished message only.
        return type(self), (self.file, self.problem, self.remedy, self.cell, self.line, self.within)


class SubmissionError(AutograderError):
    """A file handed in that cannot be graded: the message is the one clear line that staff and student read."""


class GraderFault(AutograderError):
    """The grader itself failed (a worker lost, a jail that would not start). Never a mark: the run ends incomplete."""
