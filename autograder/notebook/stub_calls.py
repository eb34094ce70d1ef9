"""Which cells of a student notebook would call a function that is not solved yet, as soon as they run."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autograder.notebook import fences, python_cells
from autograder.notebook.source_cells import Role, SourceCell, SourceNotebook

_Functions = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def stub_calls(notebook: SourceNotebook) -> Iterator[tuple[SourceCell, int | None, str]]:
    """(cell, line of its text, name) for each such call in a cell that may not fail: support code, and what stands around fences.

    A helper that calls a stub counts as one. The line is None in a solution cell, whose text with stubs has other lines.
    """
    trees = {c.index: ast.parse(python_cells.python_text(_as_released(c))) for c in notebook.cells if _runs(c)}
    unsolved = _unsolved(trees.values())
    for cell in notebook.cells:
        for call in _calls_at_once(trees[cell.index].body) if cell.index in trees else ():
            if isinstance(call.func, ast.Name) and call.func.id in unsolved:
                yield cell, None if cell.role is Role.SOLUTION else call.lineno, call.func.id


def _runs(cell: SourceCell) -> bool:
    return cell.role in (Role.SUPPORT, Role.SOLUTION) and not cell.markdown


def _as_released(cell: SourceCell) -> str:
    return fences.with_stubs(cell.source, cell.question) if cell.role is Role.SOLUTION else cell.source


def _unsolved(trees) -> set[str]:
    """Functions that raise NotImplementedError when they are called: those with a stub, and those that call one on every path."""
    functions = {n.name: n for tree in trees for n in tree.body if isinstance(n, ast.FunctionDef)}
    found = {name for name, node in functions.items() if any(_is_stub(s) for s in node.body)}
    while True:
        more = {
            name
            for name, node in functions.items()
            if name not in found and any(getattr(c.func, "id", "") in found for c in _calls_at_once(node.body))
        }
        if not more:
            return found
        found |= more


def _is_stub(statement: ast.stmt) -> bool:
    raised = statement.exc if isinstance(statement, ast.Raise) else None
    return isinstance(raised, ast.Call) and getattr(raised.func, "id", "") == "NotImplementedError"


def _calls_at_once(body: list[ast.stmt]) -> Iterator[ast.Call]:
    """Calls that happen whenever the block runs: none inside functions, branches, or what catches errors."""
    for statement in body:
        if isinstance(statement, ast.If | ast.Try | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Match):
            continue
        yield from _calls_in(statement)


def _calls_in(node: ast.AST) -> Iterator[ast.Call]:
    if isinstance(node, ast.With) and any("suppress" in ast.unparse(i.context_expr) for i in node.items):
        return
    for child in ast.iter_child_nodes(node):
        if isinstance(child, _Functions | ast.ClassDef | ast.If | ast.Try | ast.IfExp | ast.BoolOp):
            continue
        if isinstance(child, ast.Call):
            yield child
        yield from _calls_in(child)
