"""A function's syntax tree, found in its file by its code object; and a test's program as the notebook would write it."""

from __future__ import annotations

import ast
import copy
import functools
import linecache
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Definition = ast.FunctionDef | ast.Lambda


def definition(code: types.CodeType) -> Definition | None:
    """A copy of the function's definition, for showing: without docstrings, annotations and our own decorators.

    Args:
        code: of a function whose file is still as it was when it was imported.

    Returns:
        None where the file does not tell (it is gone, or the function was made by `exec`).
    """
    text = _text(code, code.co_filename)
    if not text:
        return None
    return ast.parse(text, mode="eval").body if code.co_name == "<lambda>" else ast.parse(text).body[0]  # type: ignore[return-value]


@functools.lru_cache(maxsize=1024)
def _text(code: types.CodeType, file: str) -> str:
    """The definition as it is shown; code objects of two files may be equal. "" where the file does not tell."""
    named = code.co_name != "<lambda>"
    found = [
        node
        for node in _definitions(file).get(code.co_firstlineno, ())
        if (isinstance(node, ast.FunctionDef) and node.name == code.co_name if named else isinstance(node, ast.Lambda))
    ]
    if not named and len(found) > 1:
        found = sorted((n for n in found if _holds(n.body, code)), key=_length)[:1]
    if len(found) != 1:
        return ""
    return ast.unparse(ast.fix_missing_locations(_Plain().visit(copy.deepcopy(found[0]))))


@functools.lru_cache(maxsize=32)
def _definitions(file: str) -> dict[int, list[Definition]]:
    """Functions of a file by the line in which their code objects begin."""
    try:
        tree = ast.parse("".join(linecache.getlines(file)))
    except (SyntaxError, ValueError):
        return {}
    found: dict[int, list[Definition]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
            found.setdefault(first, []).append(node)
    return found


def _holds(body: ast.expr, code: types.CodeType) -> bool:
    """Whether all instructions of the code come from within this body."""
    first, last = (body.lineno, body.col_offset), (body.end_lineno or 0, body.end_col_offset or 0)
    spans = [p for p in code.co_positions() if None not in p and (p[0], p[2]) != (p[1], p[3])]
    return all(first <= (p[0], p[2]) and (p[1], p[3]) <= last for p in spans)  # type: ignore[operator]


def _length(node: Definition) -> tuple[int, int]:
    return (node.end_lineno or 0) - node.lineno, (node.end_col_offset or 0) - node.col_offset


class _Plain(ast.NodeTransformer):
    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        self.generic_visit(node)
        node.returns = None
        node.decorator_list = [d for d in node.decorator_list if not (isinstance(d, ast.Name) and d.id == "sendable")]
        if ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt:
        self.generic_visit(node)
        return ast.Pass() if node.value is None else ast.Assign([node.target], node.value)


# ------------------------------------------------------------------------------------- a test's program around `ns`


def attributes_of(node: ast.AST, own: str) -> list[ast.Attribute]:
    """Places where an attribute of the name `own` is used."""
    return [n for n in ast.walk(node) if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name) and n.value.id == own]


def without_namespace(node: Definition, own: str) -> Definition | None:
    """The test's program with `f` for `ns.f`; None where that could mean something else."""
    attributes = attributes_of(node, own)
    names = {a.attr for a in attributes}
    mentions = sum(isinstance(n, ast.Name) and n.id == own for n in ast.walk(node))
    bound = [n.arg for n in ast.walk(node) if isinstance(n, ast.arg)]
    bound += [n.id for n in ast.walk(node) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)]
    bound += [n.name for n in ast.walk(node) if isinstance(n, ast.FunctionDef) and n is not node]
    if not own or mentions != len(attributes) or bound.count(own) != 1 or names & set(bound):
        return None
    if not all(isinstance(a.ctx, ast.Load) for a in attributes):
        return None
    node = _Direct(own).visit(node)
    node.args.args.pop(0)
    return ast.fix_missing_locations(node)


class _Direct(ast.NodeTransformer):
    def __init__(self, own: str):
        self._own = own

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.value, ast.Name) and node.value.id == self._own:
            return ast.Name(node.attr, ast.Load())
        return node


def has_plain_parameters(node: Definition) -> bool:
    """Whether all of its parameters are positional ones without defaults."""
    a = node.args
    return not (a.posonlyargs or a.kwonlyargs or a.vararg or a.kwarg or a.defaults)


def with_defaults(node: Definition, defaults: Sequence[Any], kwdefaults: Mapping[str, Any] | None,
                  write: Callable[[Any], str]) -> Definition:  # fmt: skip
    """The definition with its defaults as they were when the function was sent, written by `write`."""
    parsed = lambda value: ast.parse(write(value), mode="eval").body
    node.args.defaults = [parsed(v) for v in defaults]
    if kwdefaults:
        node.args.kw_defaults = [parsed(kwdefaults[a.arg]) if a.arg in kwdefaults else None for a in node.args.kwonlyargs]
    return ast.fix_missing_locations(node)
