"""In which lines of a solution notebook's file its cells stand. Jupytext reads the cells and forgets their lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from jupytext.stringparser import StringParser

from autograder.errors import AuthoringError

_MARK = re.compile(r"\s*#\s*%%(?:%*\s|\s*$)")  # what Jupytext takes for the opening of a cell


@dataclass(frozen=True)
class CellLines:
    """Lines of one file, counted from 1.

    Attributes:
        marks: of each cell's `# %%`, in order; empty where they could not be told apart.
        bodies: of the first line of each cell's text.
        header: of `autograder:` in the header, else 1.
    """

    marks: tuple[int, ...] = ()
    bodies: tuple[int, ...] = ()
    header: int = 1

    def of(self, cell: int | None, within: int | None = None) -> int | None:
        """The file's line of a cell's mark, or of a line of its text; of the header for no cell; None if unknown."""
        if cell is None:
            return self.header
        if cell >= len(self.marks):
            return None
        return self.marks[cell] if within is None else self.bodies[cell] + within - 1

    @contextmanager
    def placed(self) -> Iterator[None]:
        """Gives each AuthoringError that leaves the block its line."""
        try:
            yield
        except AuthoringError as e:
            if e.line is not None:
                raise
            line = self.of(e.cell, e.within)
            raise AuthoringError(e.file, e.problem, e.remedy, e.cell, line, e.within) from None


def cell_lines(text: str, sources: tuple[str, ...]) -> CellLines:
    """The lines of a notebook in percent format.

    Args:
        text: the file.
        sources: its cells' texts as Jupytext read them, the header left out.
    """
    lines = text.splitlines()
    header = next((n for n, line in enumerate(lines, 1) if re.match(r"#\s+autograder\b", line)), 1)
    marks = _marks(lines, _after_header(lines))
    if len(marks) != len(sources):
        return CellLines(header=header)
    bodies = tuple(_body(lines, mark, source) for mark, source in zip(marks, sources, strict=True))
    return CellLines(tuple(marks), bodies, header)


def _after_header(lines: list[str]) -> int:
    """How many lines the YAML header takes."""
    fences = [n for n, line in enumerate(lines) if re.match(r"#\s*---\s*$", line)]
    return fences[1] + 1 if len(fences) > 1 and fences[0] == 0 else 0


def _marks(lines: list[str], start: int) -> list[int]:
    """Lines of the marks; none inside a string that spans lines, where Jupytext sees none either."""
    found: list[int] = []
    strings = StringParser("python")
    for number, line in enumerate(lines[start:], start + 1):
        if not strings.is_quoted() and _MARK.match(line):
            found.append(number)
            strings = StringParser("python")
        elif not found and line.strip():
            found.append(max(1, number - 1))  # a first cell without a mark: its text begins in the next line
        strings.read_line(line)
    return found


def _body(lines: list[str], mark: int, source: str) -> int:
    """The line of a cell's first line of text: blank lines above it may have been dropped."""
    blank = 0
    while mark + blank < len(lines) and not lines[mark + blank].strip():
        blank += 1
    kept = len(source) - len(source.lstrip("\n"))
    return mark + 1 + max(0, blank - kept)
