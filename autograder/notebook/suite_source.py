"""What a hidden suite says about the notebook, read from its text: questions, tests, and the names it asks for.

The suite is never imported here: reading must work where jax and pytest are not.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from autograder.errors import AuthoringError

# Methods of the `student` proxy itself; everything else after `student.` is a name in the student's notebook.
PROXY_METHODS = frozenset({"run", "get", "has", "raises", "keep"})


@dataclass(frozen=True)
class SuiteSource:
    """A suite as text.

    Attributes:
        path: the file.
        tests: question id -> names of its test functions.
        lines: question id -> line of its first `@question`.
        names: (name, line) for every name of the student's notebook that the suite asks for, each once.
        tree: its syntax.
        nodes: all of the syntax, as ast.walk gives it.
    """

    path: Path
    tests: dict[str, tuple[str, ...]]
    lines: dict[str, int]
    names: tuple[tuple[str, int], ...]
    tree: ast.Module = field(repr=False, compare=False)
    nodes: tuple[ast.AST, ...] = field(repr=False, compare=False)


def read_suite(path: Path) -> SuiteSource:
    """Read a suite's text.

    Raises:
        AuthoringError: missing, unreadable, no Python, or a test class that belongs to no question.
    """
    try:
        text = path.read_text(encoding="utf-8")
        return _read(path, text)
    except FileNotFoundError:
        raise AuthoringError(path, "there is no hidden suite.", "Write it: docs/authoring.md shows how.") from None
    except SyntaxError as error:
        raise AuthoringError(path, f"a syntax error: {error.msg}.", "Correct the line.", line=error.lineno or 1) from None
    except (OSError, ValueError) as error:
        raise AuthoringError(path, f"cannot be read as Python: {error}.", "Save it as UTF-8 text.", line=1) from None


@functools.lru_cache(maxsize=4)  # a build asks for the same suite twice
def _read(path: Path, text: str) -> SuiteSource:
    tree = ast.parse(text)
    tests: dict[str, list[str]] = {}
    lines: dict[str, int] = {}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            _read_class(path, node, tests, lines)
        elif isinstance(node, ast.FunctionDef) and node.name.startswith("test"):
            problem = f"{node.name} belongs to no question."
            raise AuthoringError(path, problem, "Move it into the class of its question.", line=node.lineno)
    nodes = tuple(ast.walk(tree))
    return SuiteSource(path, {q: tuple(t) for q, t in tests.items()}, lines, _names(nodes), tree, nodes)


def _read_class(path: Path, node: ast.ClassDef, tests: dict[str, list[str]], lines: dict[str, int]) -> None:
    found = [n.name for n in node.body if isinstance(n, ast.FunctionDef) and n.name.startswith("test")]
    question = question_of(node)
    if question is None:
        if found and node.name.startswith("Test"):
            problem = f"{node.name} has no @question."
            raise AuthoringError(path, problem, 'Write @question("id") above it.', line=node.lineno)
        return
    tests.setdefault(question, []).extend(found)
    lines.setdefault(question, node.lineno)


def question_of(node: ast.ClassDef) -> str | None:
    """The id that a class is marked with; None if it has no mark."""
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and decorator.args:
            name = (
                decorator.func.attr if isinstance(decorator.func, ast.Attribute) else getattr(decorator.func, "id", "")
            )
            if name == "question" and isinstance(decorator.args[0], ast.Constant):
                return str(decorator.args[0].value)
    return None


def _names(nodes: Iterable[ast.AST]) -> tuple[tuple[str, int], ...]:
    found: dict[str, int] = {}
    for node in nodes:
        if _is_student(node, ast.Attribute) and node.attr not in PROXY_METHODS:
            found.setdefault(node.attr, node.lineno)
        elif isinstance(node, ast.Attribute) and _is_student(node.value, ast.Attribute) and node.value.attr == "keep":
            if node.attr not in PROXY_METHODS:  # student.keep.f
                found.setdefault(node.attr, node.lineno)
        elif isinstance(node, ast.Call) and _is_student(node.func, ast.Attribute):
            first = node.args[0] if node.args else None
            if node.func.attr in ("get", "has") and isinstance(first, ast.Constant) and isinstance(first.value, str):
                found.setdefault(first.value, node.lineno)
            elif node.func.attr == "run" and isinstance(first, ast.Lambda) and first.args.args:
                _probe_names(first, found)
    return tuple(sorted(found.items(), key=lambda item: item[1]))


def _is_student(node: ast.AST, kind: type) -> bool:
    return isinstance(node, kind) and isinstance(node.value, ast.Name) and node.value.id == "student"


def _probe_names(probe: ast.Lambda, found: dict[str, int]) -> None:
    """`lambda ns: jax.grad(ns.loss)(p)`: what follows the probe's first argument."""
    namespace = probe.args.args[0].arg
    for node in ast.walk(probe.body):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == namespace:
            found.setdefault(node.attr, node.lineno)
