"""Mutants of a question's solution: the solution cell with one slip in it, as text that differs in one place only.

Ids are stable while the cell's code is: operator, line and column in the cell, and a number where an operator yields several.
"""

from __future__ import annotations

import ast
import difflib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.notebook.source_cells import Role, SolutionCell, SourceNotebook
from autograder.verify.operators import OPERATORS
from autograder.verify.syntax import Context, context_of

# An expression of these kinds is put in parentheses where it replaces a part of a larger one.
_TIGHT = (ast.BinOp, ast.UnaryOp, ast.Compare, ast.BoolOp, ast.IfExp, ast.Attribute, ast.Subscript, ast.Call)
_LOOSE = (ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Lambda)


@dataclass(frozen=True)
class Mutant:
    """One solution cell with one slip.

    Attributes:
        id: e.g. "drop-term@14:11.2": operator, line and column in the cell, number among the operator's results there.
        operator: name of the operator.
        cell: position among `SourceNotebook.solution_cells()`.
        function: the top-level function or class that it is in; "" if in none.
        source: the whole cell.
        diff: the changed lines, for a person.
    """

    id: str
    operator: str
    cell: int
    source: str
    diff: str
    function: str = ""


def mutants_of(source: SourceNotebook, question: str) -> tuple[Mutant, ...]:
    """All mutants of a question's solution cells, in the order of the text; syntactic duplicates are left out.

    Only what students write is mutated: the code between the fences, never signatures, docstrings, or code that is given.
    """
    found: list[Mutant] = []
    for position, cell in enumerate(source.solution_cells()):
        if cell.question == question:
            found += _cell_mutants(source, position, cell)
    return tuple(found)


def cell_sha256(source: SourceNotebook, question: str) -> str:
    """Hash of a question's solution as a syntax tree: comments and formatting do not change it. 16 hexadecimal digits."""
    trees = [ast.dump(ast.parse(c.source)) for c in source.solution_cells() if c.question == question]
    return hashlib.sha256("\0".join(trees).encode()).hexdigest()[:16]


def _cell_mutants(source: SourceNotebook, position: int, cell: SolutionCell) -> Iterator[Mutant]:
    tree = ast.parse(cell.source)
    context = context_of(tree)
    seen = {ast.dump(tree)}
    lines = _fenced_lines(source, cell)
    skipped = _not_to_touch(tree)
    counts: dict[str, int] = {}
    for node in _in_order(tree):
        if id(node) in skipped or not lines[0] <= node.lineno <= lines[1]:
            continue
        for name, operator in OPERATORS.items():
            for new in operator(node, context):
                text = _replaced(cell.source, node, new, context)
                dumped = _dump(text)
                if dumped is None or dumped in seen:
                    continue
                seen.add(dumped)
                place = f"{name}@{node.lineno}:{node.col_offset}"
                counts[place] = counts.get(place, 0) + 1
                yield Mutant(
                    f"{place}.{counts[place]}", name, position, text, _diff(cell.source, text), _around(tree, node.lineno)
                )


def _around(tree: ast.Module, line: int) -> str:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.lineno <= line <= (node.end_lineno or 0):
            return node.name
    return ""


def without_function(mutant: Mutant, source: SourceNotebook) -> dict[int, str]:
    """The solution's cell with the mutant's function always raising: what changes then, the function has a part in."""
    cell = source.solution_cells()[mutant.cell].source
    stub = f"\n\n\ndef {mutant.function}(*args, **kwargs):\n    raise RuntimeError('left out')\n"
    return {mutant.cell: cell + stub if mutant.function else "raise RuntimeError('left out')"}


def _fenced_lines(source: SourceNotebook, cell: SolutionCell) -> tuple[int, int]:
    """First and last line, in the text without marks, between which students write.

    With several fences in one cell, what lies between them counts too: it is the frame that the author gave.
    """
    from autograder.notebook import fences

    original = next(c for c in source.cells if c.index == cell.index)
    assert original.role is Role.SOLUTION
    found = fences.find_fences(original.source)
    return found[0].first + 1, found[-1].last - (2 * len(found) - 1)


def _not_to_touch(tree: ast.Module) -> set[int]:
    """Nodes of annotations, defaults, docstrings and messages of exceptions."""
    skipped: set[int] = set()
    for node in ast.walk(tree):
        idle: list[ast.AST | None] = []
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            idle += [node.args, node.returns, *node.decorator_list]
        elif isinstance(node, ast.AnnAssign):
            idle += [node.annotation]
        elif isinstance(node, ast.Raise | ast.Assert):
            idle += [node]
        for part in idle:
            if part is not None:
                skipped |= {id(n) for n in ast.walk(part)}
    return skipped


def _in_order(tree: ast.Module) -> list[ast.expr | ast.stmt]:
    nodes = [n for n in ast.walk(tree) if isinstance(n, ast.expr | ast.stmt)]
    return sorted(nodes, key=lambda n: (n.lineno, n.col_offset, -(n.end_lineno or 0), -(n.end_col_offset or 0)))


def _replaced(text: str, node: ast.expr | ast.stmt, new: ast.AST, context: Context) -> str:
    """`text` with the node's own span replaced: all other lines stay as their author wrote them."""
    code = ast.unparse(ast.fix_missing_locations(new))
    if isinstance(new, _LOOSE) and isinstance(context.parents.get(id(node)), _TIGHT):
        code = f"({code})"
    lines = text.split("\n")
    indent = " " * node.col_offset
    code = code.replace("\n", "\n" + indent) if isinstance(node, ast.stmt) else code
    first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
    head = lines[first].encode()[: node.col_offset].decode()
    tail = lines[last].encode()[node.end_col_offset :].decode()
    return "\n".join([*lines[:first], head + code + tail, *lines[last + 1 :]])


def _dump(text: str) -> str | None:
    try:
        return ast.dump(ast.parse(text))
    except (SyntaxError, ValueError):
        return None


def _diff(old: str, new: str) -> str:
    lines = difflib.unified_diff(old.split("\n"), new.split("\n"), n=0, lineterm="")
    return "\n".join(line for line in lines if not line.startswith(("---", "+++", "@@")))
