"""A lint for probes: what a test learns from the jail is a value, never a count, a log, or that something was called there.

A probe is a function or lambda whose first argument is called `ns`. Read from the suite's text, as in `independence`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

_GRADIENTS = frozenset({"grad", "value_and_grad", "vjp", "jvp", "linearize", "jacobian", "jacfwd", "jacrev", "hessian"})
_WRITES = frozenset({"append", "add", "update", "extend", "insert", "setdefault"})
_FUNCTIONS = (ast.Lambda, ast.FunctionDef)


def lint_probes(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, what is wrong) for each probe of a suite."""
    for node in ast.walk(tree):
        if isinstance(node, _FUNCTIONS) and node.args.args and node.args.args[0].arg == "ns":
            yield from _counts(node)
            yield from _gradients(node)
            yield from _compiled(node)


def _counts(probe: ast.AST) -> Iterator[tuple[int, str]]:
    """A function of ours that student code is to call, and that counts or writes down in the jail."""
    inner = [n for n in ast.walk(probe) if isinstance(n, _FUNCTIONS) and n is not probe]
    lines = {n.lineno for function in inner for n in ast.walk(function) if _writes(n)}
    for line in sorted(lines):
        yield line, "counts or writes down in the jail, where student code can change it: pass asked(f), which stays here"


def _writes(node: ast.AST) -> bool:
    if isinstance(node, ast.AugAssign):
        return not isinstance(node.target, ast.Name)
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _WRITES


def _gradients(probe: ast.AST) -> Iterator[tuple[int, str]]:
    if _mentions(probe, "tilted"):
        return
    for node in _of_jax(probe, _GRADIENTS):
        if _reaches_student(node, probe):
            yield node.lineno, "differentiates the student's function, which finite differences do as well: put `tilted` between"


def _compiled(probe: ast.AST) -> Iterator[tuple[int, str]]:
    stores = [n for n in ast.walk(probe) if isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Store)]
    for node in _of_jax(probe, frozenset({"jit"})):
        if not stores and _reaches_student(node, probe):
            yield node.lineno, "compiles the student's function, and no value tells whether: exchange a number after a call"


def _of_jax(probe: ast.AST, names: frozenset[str]) -> Iterator[ast.Call]:
    for node in ast.walk(probe):
        function = node.func if isinstance(node, ast.Call) else None
        if isinstance(function, ast.Attribute) and function.attr in names and _mentions(function.value, "jax"):
            yield node


def _reaches_student(call: ast.Call, probe: ast.AST) -> bool:
    """Whether what is transformed is the student's, or a function of the probe that uses it."""
    if not call.args:
        return False
    named = {n.id for n in ast.walk(call.args[0]) if isinstance(n, ast.Name)}
    inner = {n.name: n for n in ast.walk(probe) if isinstance(n, ast.FunctionDef) and n is not probe}
    inner |= {t.id: n.value for n in ast.walk(probe) if isinstance(n, ast.Assign) for t in n.targets if isinstance(t, ast.Name)}
    return "ns" in named or any(_mentions(inner[name], "ns") for name in named & set(inner))


def _mentions(node: ast.AST, name: str) -> bool:
    return any(isinstance(n, ast.Name) and n.id == name for n in ast.walk(node))
