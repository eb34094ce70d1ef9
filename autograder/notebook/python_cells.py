"""What one code cell binds and reads at the top level of a notebook, from its text alone: nothing is ever run.

IPython magics are allowed. Used for solution notebooks and for submissions, so no input may break it: `parse_cell`
raises SyntaxError and nothing else.
"""

from __future__ import annotations

import ast
import builtins
import re
import symtable
import warnings
from dataclasses import dataclass

_BUILTINS = frozenset(dir(builtins)) | {"__name__", "__file__", "__builtins__", "get_ipython", "display"}
# Magics whose argument is Python that runs in the notebook's namespace; every other cell magic hides another language.
_PYTHON_CELL_MAGICS = {"time", "timeit", "capture", "prun"}
# No pattern may take more than one pass over a stranger's text: no two loops beside each other take the same character.
_TIMED_LINE = re.compile(r"^([ \t]*+)%(?:time|timeit|prun)[ \t]++(?:-\S++[ \t]++)*+(?=[A-Za-z_(\[])", re.MULTILINE)
_MAGIC_VALUE = re.compile(r"([A-Za-z_][\w, ]*+)\s*+=\s*+[%!]")
_CELL_MAGIC = re.compile(r"\s*%%(\w+)[^\n]*")


@dataclass(frozen=True)
class CellNames:
    """Top-level names of one cell.

    Attributes:
        functions: functions and classes, in order of definition.
        assigned: other names bound by assignment, loops, `with`; in order.
        imported: names bound by imports, in order.
        reads: names read that this cell does not bind itself.
        late_reads: globals read inside functions, when those are called, whoever binds them.
    """

    functions: tuple[str, ...] = ()
    assigned: tuple[str, ...] = ()
    imported: tuple[str, ...] = ()
    reads: frozenset[str] = frozenset()
    late_reads: frozenset[str] = frozenset()

    @property
    def defines(self) -> tuple[str, ...]:
        """Functions, classes and assigned names (imports left out)."""
        return tuple(dict.fromkeys(self.functions + self.assigned))


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


def cell_names(source: str) -> CellNames:
    """What the cell binds and reads. Raises SyntaxError only."""
    try:
        return _cell_names(python_text(source))
    except (ValueError, RecursionError, MemoryError) as error:
        raise SyntaxError(f"not readable as Python: {error}") from None


def names_defined(source: str, most_chars: int) -> tuple[str, ...]:
    """What a stranger's cell defines; nothing where it is no Python, or longer than anybody writes."""
    if len(source) > most_chars:
        return ()
    try:
        return cell_names(source).defines
    except SyntaxError:
        return ()


def _cell_names(text: str) -> CellNames:
    functions = tuple(dict.fromkeys(_functions(parse_text(text).body)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table = symtable.symtable(text, "<cell>", "exec")
    bound = [s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported() or s.is_namespace()]
    imported = tuple(s.get_name() for s in table.get_symbols() if s.is_imported())
    outer = {s.get_name() for s in table.get_symbols() if s.is_referenced()}
    late = frozenset(_late_reads(table)) - _BUILTINS
    assigned = tuple(n for n in bound if n not in functions and n not in imported)
    return CellNames(functions, assigned, imported, (outer | late) - set(bound) - _BUILTINS, late)


def free_names(function_text: str) -> tuple[str, ...]:
    """Globals that a text holding one function reads, builtins left out, sorted. Raises SyntaxError only."""
    parse_text(function_text)
    table = symtable.symtable(function_text, "<check>", "exec")
    return tuple(sorted(set(_late_reads(table)) - _BUILTINS))


def _parses(text: str) -> bool:
    try:
        parse_text(text)
    except SyntaxError:
        return False
    return True


def _functions(body: list[ast.stmt]):
    """Functions and classes of a block, looking into if, for, while, with and try, not into functions."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
            continue
        for part in ("body", "orelse", "finalbody"):
            yield from _functions([n for n in getattr(node, part, []) if isinstance(n, ast.stmt)])
        for handler in getattr(node, "handlers", []):
            yield from _functions(handler.body)


def _late_reads(table: symtable.SymbolTable):
    for child in table.get_children():
        yield from (s.get_name() for s in child.get_symbols() if s.is_referenced() and s.is_global())
        yield from _late_reads(child)
