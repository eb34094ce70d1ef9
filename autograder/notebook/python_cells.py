"""What one code cell binds and reads at the top level of a notebook, from its text alone: nothing is ever run.

IPython magics are allowed. Used for solution notebooks and for submissions, so no input may break it: `parse_cell`
raises SyntaxError and nothing else.
"""

from __future__ import annotations

import ast
import builtins
import symtable
import warnings
from dataclasses import dataclass

from course_lib.cell_text import parse_cell, parse_text, plain_lines, python_text

__all__ = [
    "CellNames", "cell_names", "free_names", "names_defined", "parse_cell", "parse_text", "plain_lines", "python_text",
]  # fmt: skip
_BUILTINS = frozenset(dir(builtins)) | {"__name__", "__file__", "__builtins__", "get_ipython", "display"}


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
