"""What a hidden suite's probes may not take into the jail, as far as its text shows it: functions that are not marked sendable.

sandbox/probes.py refuses them when a test runs; here the author hears of it before. What cannot be seen in a text (the
value behind a name) is left to it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

_TAKES_PROBES = "run"
_REMEDY = (
    "If it holds nothing that a student must not see, mark it @sendable; else call it on this side and send what it returns."
)


def may_not_cross(tree: ast.Module) -> Iterator[tuple[int, str, str]]:
    """(line, what is wrong, remedy) for each function that a probe uses or a call sends although it is not sendable."""
    outer = _secret_functions(tree.body)
    for function in _outermost_functions(tree):
        nodes = list(ast.walk(function))[1:]
        calls = [n for n in nodes if isinstance(n, ast.Call) and _is_of_student(n.func)]
        if not calls:
            continue
        bound = _bound_by(nodes)
        inner = _secret_functions([n for n in nodes if isinstance(n, ast.stmt)])
        secret = {name: line for name, line in outer.items() if name not in bound} | inner
        for call in calls:
            for name, line in _sent(call, function):
                if name in secret:
                    problem = f"{name!r} (line {secret[name]}) would go into the student's process and is not marked sendable."
                    yield line, problem, _REMEDY


def _sent(call: ast.Call, function: ast.FunctionDef) -> Iterator[tuple[str, int]]:
    """Names that a call takes along, with their lines: those that its probe uses, and those of its arguments."""
    arguments = list(call.args)
    if call.func.attr == _TAKES_PROBES and arguments:  # type: ignore[attr-defined]
        probe = arguments.pop(0)
        if isinstance(probe, ast.Name):  # a function of the test itself; a shared one is looked at where it is marked
            probe = next((n for n in ast.walk(function) if isinstance(n, ast.FunctionDef) and n.name == probe.id), probe)
        if isinstance(probe, ast.Lambda | ast.FunctionDef):
            yield from _free_names(probe)
    for argument in arguments:
        if isinstance(argument, ast.Name):
            yield argument.id, argument.lineno


def _free_names(probe: ast.Lambda | ast.FunctionDef) -> Iterator[tuple[str, int]]:
    own = {n.arg for n in ast.walk(probe) if isinstance(n, ast.arg)}
    own |= {n.id for n in ast.walk(probe) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
    own |= {n.name for n in ast.walk(probe) if isinstance(n, ast.FunctionDef)}
    for node in ast.walk(probe):
        if isinstance(node, ast.Name) and node.id not in own:
            yield node.id, node.lineno


def _secret_functions(body: Iterable[ast.AST]) -> dict[str, int]:
    """Name -> line of each function of a block that is not marked sendable; none that is bound a second time."""
    found: dict[str, int] = {}
    for node in body:
        if isinstance(node, ast.FunctionDef) and not node.decorator_list:
            found[node.name] = node.lineno
        elif isinstance(node, ast.Assign):
            names = [t.id for t in node.targets if isinstance(t, ast.Name)]
            for name in names:
                if isinstance(node.value, ast.Lambda) and name not in found:
                    found[name] = node.lineno
                else:
                    found.pop(name, None)
    return found


def _outermost_functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    for node in tree.body:
        inner = node.body if isinstance(node, ast.ClassDef) else [node]
        yield from (n for n in inner if isinstance(n, ast.FunctionDef))


def _bound_by(nodes: list[ast.AST]) -> set[str]:
    bound = {n.id for n in nodes if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
    bound |= {n.arg for n in nodes if isinstance(n, ast.arg)}
    return bound | {n.name for n in nodes if isinstance(n, ast.FunctionDef)}


def _is_of_student(node: ast.expr) -> bool:
    """`student.f` or `student.keep.f`."""
    while isinstance(node, ast.Attribute):
        node = node.value
        if isinstance(node, ast.Name):
            return node.id == "student"
    return False
