"""PUBLIC: one notebook cell's text as plain Python, from its text alone: nothing is ever run.

IPython magics are allowed. No input may break it: `parse_cell` raises SyntaxError and nothing else.
"""

from __future__ import annotations

import ast
import re
import warnings

# Magics whose argument is Python that runs in the notebook's namespace; every other cell magic hides another language.
_PYTHON_CELL_MAGICS = {"time", "timeit", "capture", "prun"}
# No pattern may take more than one pass over a stranger's text: no two loops beside each other take the same character.
_TIMED_LINE = re.compile(r"^([ \t]*+)%(?:time|timeit|prun)[ \t]++(?:-\S++[ \t]++)*+(?=[A-Za-z_(\[])", re.MULTILINE)
_MAGIC_VALUE = re.compile(r"([A-Za-z_][\w, ]*+)\s*+=\s*+[%!]")
_CELL_MAGIC = re.compile(r"\s*%%(\w+)[^\n]*")


def python_text(source: str) -> str:
    """The cell as plain Python, line for line; magics become calls, cells in another language become empty.

    Raises:
        SyntaxError: it is neither Python nor magics.
    """
    source = _without_cell_magic(source)
    if _parses(source):
        return source
    text = "\n".join(_without_magic(line) for line in source.split("\n"))
    parse_text(text)
    return text


def plain_lines(source: str) -> str:
    """The same of a cell that need not be Python: nothing is parsed, and nothing raised."""
    return "\n".join(_without_magic(line) for line in _without_cell_magic(source).split("\n"))


def _without_cell_magic(source: str) -> str:
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    if match := _CELL_MAGIC.match(source):
        if match[1] not in _PYTHON_CELL_MAGICS:
            return ""
        source = "\n" * match[0].count("\n") + source[match.end() :]
    return _TIMED_LINE.sub(r"\1", source)


def _without_magic(line: str) -> str:
    """A line of IPython as Python. (IPython's own transformer reads a cell anew per magic: too slow for hostile text.)"""
    indent, rest = line[: len(line) - len(line.lstrip())], line.strip()
    if rest.startswith(("%", "!", "?")) or (rest.endswith("?") and "#" not in rest):
        return f"{indent}get_ipython()"
    if match := _MAGIC_VALUE.match(rest):
        return f"{indent}{match[1].rstrip()} = get_ipython()"
    return line


def parse_text(text: str) -> ast.Module:
    """`ast.parse` that raises SyntaxError for everything that is wrong with a text (null bytes, absurd nesting)."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a "\d" in somebody's string is not our news
            return ast.parse(text)
    except SyntaxError:
        raise
    except (ValueError, RecursionError, MemoryError) as error:
        raise SyntaxError(f"not readable as Python: {error}") from None


def parse_cell(source: str) -> ast.Module:
    """Syntax tree of a cell. Raises SyntaxError only."""
    return parse_text(python_text(source))


def _parses(text: str) -> bool:
    try:
        parse_text(text)
    except SyntaxError:
        return False
    return True
