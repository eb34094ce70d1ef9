"""Do right answers differ in style, or only in names? Compared after normalising, function by function."""

from __future__ import annotations

import ast
import itertools
from collections import Counter
from collections.abc import Sequence

from autograder.notebook.answers import Answer
from autograder.verify.records import Problem

_FLOW = (ast.For, ast.While, ast.If, ast.IfExp, ast.ListComp, ast.GeneratorExp, ast.DictComp, ast.Lambda, ast.FunctionDef)


def shape_of(function: ast.FunctionDef) -> tuple:
    """What stays of a function without names, comments, docstrings, annotations and constants: control flow and operations.

    The operations are those that a jaxpr would list: called functions by their last name, operators by kind.
    """
    flow = tuple(type(n).__name__ for n in _preorder(function) if isinstance(n, _FLOW))
    return flow, tuple(sorted(Counter(_operations(function)).items()))


def _preorder(node: ast.AST):
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _preorder(child)


def _operations(function: ast.FunctionDef):
    bound = {a.arg for n in ast.walk(function) if isinstance(n, ast.arguments) for a in n.args}
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "call")
            yield "call" if name in bound else name
        elif isinstance(node, ast.BinOp | ast.UnaryOp):
            yield type(node.op).__name__
        elif isinstance(node, ast.Attribute) and node.attr in ("T", "at", "mT"):
            yield node.attr


def same_style(answers: Sequence[Answer]) -> list[Problem]:
    """Pairs of right answers that define the same function in the same style (a note: the second one proves nothing more)."""
    shapes: dict[str, dict[str, tuple]] = {}
    for answer in answers:
        if answer.accepted:
            for node in ast.parse(answer.code).body:
                if isinstance(node, ast.FunctionDef):
                    shapes.setdefault(node.name, {})[answer.name] = shape_of(node)
    found = []
    for function, by_answer in shapes.items():
        for (a, shape_a), (b, shape_b) in itertools.combinations(by_answer.items(), 2):
            if shape_a == shape_b:
                message = f"`{function}` has the same structure as in {a}: it counts as one style"
                found.append(Problem(b, message, note=True))
    return found
