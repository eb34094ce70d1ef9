"""The names of a hidden suite: what it imports, and what it reads without having it. Nothing is imported or run."""

from __future__ import annotations

import ast
import builtins
import functools
import importlib.util
import symtable
from collections.abc import Iterable, Iterator
from pathlib import Path

from autograder.notebook.did_you_mean import did_you_mean

_OURS = "autograder.testing"
_SOLUTIONS = frozenset({"solutions", "lab", "homework", "answers"})
_READS_FILES = frozenset({"import_module", "__import__", "open", "read_text", "read_bytes", "exec", "run_path", "run_module"})
_OF_MODULES = frozenset({"__name__", "__file__", "__doc__", "__builtins__"})


def foreign_imports(nodes: Iterable[ast.AST], path: Path | None = None) -> Iterator[tuple[int, str]]:
    """(line, what the suite does) for each import of something beside the suite, the solution above all, and for each file read.

    Args:
        nodes: all of the suite's syntax.
        path: the suite's, to know what lies beside it.
    """
    beside = _SOLUTIONS | (_beside(path) if path is not None else frozenset())
    for node in nodes:
        if isinstance(node, ast.Call) and (name := _last_name(node.func)) in _READS_FILES:
            yield node.lineno, f"calls {name}: a suite reads no file and imports nothing by name"
        for name in _imported_modules(node):
            if name.startswith(".") or name.split(".")[0] in beside:
                yield node.lineno, f"imports {name}: a suite never sees the solution, so that both cannot be wrong alike"


def missing_imports(nodes: Iterable[ast.AST]) -> Iterator[tuple[int, str, str]]:
    """(line, what is wrong, remedy) for each import that would fail: a package that is not here, a name that we do not have."""
    for node in nodes:
        for name in _imported_modules(node):
            top = name.split(".")[0]
            if top and not _is_here(top):
                remedy = "Correct its name, or do without it: suites use what the course has."
                yield node.lineno, f"the package {top!r} is not installed.", remedy
        if isinstance(node, ast.ImportFrom) and node.module == _OURS:
            for alias in node.names:
                if alias.name != "*" and alias.name not in _our_names():
                    yield node.lineno, f"{_OURS} has no {alias.name!r}.", did_you_mean(alias.name, _our_names())


def undefined_names(tree: ast.Module, path: Path) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    """(line, name, names there are) for each name that is read and nowhere bound; nothing where `import *` hides some."""
    starred = _starred(tree)
    if starred is None:
        return
    table = symtable.symtable(ast.unparse(tree), str(path), "exec")
    bound = {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported() or s.is_namespace()}
    bound |= set(starred) | _assigned_as_global(table)
    known = bound | set(dir(builtins)) | _OF_MODULES
    read = {s.get_name() for s in table.get_symbols() if s.is_referenced()} | set(_globals_read(table))
    for name in sorted(read - known, key=lambda n: _first_line(tree, n)):
        yield _first_line(tree, name), name, tuple(sorted(bound))


def _globals_read(table: symtable.SymbolTable) -> Iterator[str]:
    for child in table.get_children():
        yield from (s.get_name() for s in child.get_symbols() if s.is_referenced() and s.is_global())
        yield from _globals_read(child)


def _assigned_as_global(table: symtable.SymbolTable) -> set[str]:
    """Names that functions bind by `global`."""
    found = set()
    for child in table.get_children():
        found |= {s.get_name() for s in child.get_symbols() if s.is_declared_global() and s.is_assigned()}
        found |= _assigned_as_global(child)
    return found


def _first_line(tree: ast.Module, name: str) -> int:
    lines = (n.lineno for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load))
    return min(lines, default=1)


def _starred(tree: ast.Module) -> tuple[str, ...] | None:
    """Names that `import *` brings; None if that is not known."""
    starred = [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and any(a.name == "*" for a in n.names)]
    if any(n.module != _OURS for n in starred):
        return None
    return _our_names() if starred else ()


@functools.cache
def _our_names() -> tuple[str, ...]:
    """What `autograder.testing` offers, from its text: importing it would import JAX."""
    tree = ast.parse(Path(__file__).parents[1].joinpath("testing.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and _last_name(node.targets[0]) == "__all__":
            return tuple(ast.literal_eval(node.value))
    return ()


def _imported_modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [a.name for a in node.names]
    if isinstance(node, ast.ImportFrom):
        return ["." * node.level + (node.module or "")]
    return []


@functools.cache
def _is_here(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except ValueError:  # a module that was taken out of the way, as jsonschema's optional ones are
        return False


def _beside(path: Path) -> frozenset[str]:
    """Modules in the suite's folder and in its week's."""
    return frozenset(p.stem for folder in (path.parent, path.parent.parent) for p in folder.glob("*.py"))


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
