"""The fence `### BEGIN SOLUTION` / `### END SOLUTION` in a solution cell: find it, blank it, or keep what is inside.

Text in, text out; errors are plain `FenceError`s that source.py turns into the author's message.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
_NEAR_MISS = re.compile(r"\s*#+\s*(BEGIN|END)\b.*\bSOL\w*", re.IGNORECASE)
STUB_TEXT = "write your code between here and the next cell"


class FenceError(ValueError):
    """A fence that is open, nested, closed twice or misspelt: one sentence, and the line of the cell, from 1."""

    def __init__(self, problem: str, line: int):
        self.line = line
        super().__init__(problem)


@dataclass(frozen=True)
class Fence:
    """One fenced block: 0-based lines of the two marks, and the marks' indentation."""

    first: int
    last: int
    indent: str


def has_mark(source: str) -> bool:
    """Whether any line is a fence mark or looks like a misspelt one."""
    return any(_NEAR_MISS.match(line) for line in source.split("\n"))


def find_fences(source: str) -> tuple[Fence, ...]:
    """All fences of a cell, in order.

    Raises:
        FenceError: as its docstring says.
    """
    fences, opened = [], None
    for number, line in enumerate(source.split("\n")):
        mark = line.strip()
        if mark == BEGIN:
            if opened is not None:
                raise FenceError("a solution is opened inside a solution", number + 1)
            opened = number
        elif mark == END:
            if opened is None:
                raise FenceError("a solution is closed that was not opened", number + 1)
            start = source.split("\n")[opened]
            fences.append(Fence(opened, number, start[: len(start) - len(start.lstrip())]))
            opened = None
        elif _NEAR_MISS.match(line):
            raise FenceError(f"{mark!r} looks like a fence but is not spelt {BEGIN!r} or {END!r}", number + 1)
    if opened is not None:
        raise FenceError("the solution opened here is never closed", opened + 1)
    return tuple(fences)


def blocks(source: str) -> tuple[str, ...]:
    """The texts inside the fences."""
    lines = source.split("\n")
    return tuple("\n".join(lines[f.first + 1 : f.last]) for f in find_fences(source))


def without_marks(source: str) -> str:
    """The cell with its solution, without the two marks."""
    marks = {n for f in find_fences(source) for n in (f.first, f.last)}
    return "\n".join(line for n, line in enumerate(source.split("\n")) if n not in marks)


def with_stubs(source: str, question: str) -> str:
    """The cell with each fenced block replaced by a line that raises NotImplementedError at the fence's indentation.

    The message names the function that the fence is in, or the question where it is in none. Lines that stand between
    two fences stay, so a function can give its frame and ask for two pieces. A fence outside the functions that have one
    (the solution's own helpers) leaves nothing: an error there would stop the student's cell.
    """
    lines, out, at = source.split("\n"), [], 0
    fences = find_fences(source)
    functions = _functions(source) if fences else []
    around = [_enclosing_function(functions, fence) for fence in fences]
    for fence, function in zip(fences, around, strict=True):
        out += lines[at : fence.first]
        at = fence.last + 1
        if function is None and any(around):
            while out and not out[-1].strip():
                out.pop()
            out += [""] * 2 if out and any(line.strip() for line in lines[at:]) else []
            at += next((n for n, line in enumerate(lines[at:]) if line.strip()), 0)
        else:
            out.append(f'{fence.indent}raise NotImplementedError("{function or question}: {STUB_TEXT}")')
    return "\n".join(out + lines[at:]).rstrip()


def _functions(source: str) -> list[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Functions and classes of a cell; none of one that is no Python."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return []
    return [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)]


def _enclosing_function(functions: list[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef], fence: Fence) -> str | None:
    """Dotted name of the function (with its class) around a fence, None at top level."""
    line, indent = fence.first + 1, len(fence.indent)
    around = [n for n in functions if n.lineno <= line <= (n.end_lineno or 0) and n.col_offset < indent]
    return ".".join(n.name for n in sorted(around, key=lambda n: n.lineno)) or None
