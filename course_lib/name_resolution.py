"""PUBLIC: what dotted library name a piece of a student's source means, and which code a top-level name reaches.

Reads syntax trees only. A `Program` is all code cells of a notebook as one module: cells run in order, a later binding
of a name replaces an earlier one, functions look their globals up when they are called (so they see the last binding).
Where a name may mean several things, all are kept: a missed alias would be worse than an extra line for a person.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from course_lib import cell_text
from course_lib.name_bindings import (
    Binding,
    Scope,
    arguments,
    bindings,
    blocks,
    globals_set,
    local_scope,
    make_absolute,
    single_element,
    target_names,
    updated,
)

DYNAMIC_BUILTINS = frozenset({"getattr", "eval", "exec", "compile", "__import__", "globals", "locals", "vars"})
DYNAMIC_BUILTINS |= {"__builtins__", "get_ipython", "breakpoint"}
DYNAMIC_MODULES = (
    "importlib",
    "builtins",
    "runpy",
    "ctypes",
    "gc",
    "inspect",
    "pickle",
    "cloudpickle",
    "dill",
    "marshal",
)
DYNAMIC_NAMES = ("sys.modules", "sys._getframe", "operator.attrgetter", "operator.methodcaller", "pkgutil", "imp")
DYNAMIC_ATTRIBUTES = frozenset(
    {"__dict__", "__globals__", "__getattribute__", "__builtins__", "__subclasses__", "__closure__", "__loader__"}
    | {"__import__", "__wrapped__", "__getattr__", "__code__"}
)
# Modules that hold something worth banning: used as a value, they may be asked for anything.
MODULES = frozenset({"jax", "jax.numpy", "jax.lax", "jax.nn", "jax.scipy", "jax.experimental", "jax.example_libraries"})
MODULES |= {"jax.interpreters", "jax.numpy.linalg", "jax.scipy.linalg", "jax.scipy.special", "jax.scipy.signal"}
MODULES |= {"numpy", "numpy.linalg", "scipy", "scipy.linalg", "scipy.signal", "scipy.special", "optax", "sklearn"}
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_MAX_MEANINGS = 16
_BUDGET = 2_000_000  # steps for one question; an honest notebook takes some thousands
_IMPLICIT = "<builtin>."  # before the name of a builtin that nobody imported


class TooTangled(Exception):
    """The source takes too many steps to read, or is nested too deeply: a person has to look."""


@dataclass(frozen=True)
class Use:
    """One expression in reachable code that means something outside the notebook.

    Attributes:
        cell, line: where; the line counts within the cell, from 1.
        name: canonical dotted name ("jax.numpy.convolve"), or what is dynamic about it ("getattr", "__dict__").
        written: as the student wrote it, shortened.
        dynamic: reading cannot tell what it does.
        module: it is a module used as a value.
    """

    cell: int
    line: int
    name: str
    written: str
    dynamic: bool = False
    module: bool = False


class Program:
    """All code cells of a notebook, or the text of one module of the student's own, ready to be asked what a name reaches.

    Args:
        cells: source texts that run one after the other in one namespace.
        package: of a module, the package that `from . import` means.
    """

    def __init__(self, cells: list[str], package: str = ""):
        self._package = package
        self.module = Scope(None)
        self.stars: list[str] = []
        self._order = 0
        self._left = _BUDGET
        self.unbound: set[str] = set()  # names that were looked up and that nothing binds
        for index, source in enumerate(cells):
            try:
                tree = cell_text.parse_cell(source)
            except SyntaxError:
                continue  # it did not run either
            make_absolute(tree, package)
            for statement in tree.body:
                self._order += 1
                self._bind_module(statement, index, sure=True, top=statement)

    def uses(self, names: tuple[str, ...]) -> Iterator[Use]:
        """All uses in the code that `names` reach, in no particular order; a place may come twice.

        Raises:
            TooTangled: as it says; what was yielded before stands.
        """
        self._left = _BUDGET
        try:
            yield from self._uses(names)
        except RecursionError:
            raise TooTangled from None

    def reached(self, names: tuple[str, ...], goals: Iterable[str]) -> frozenset[str]:
        """Those of the names `goals` that the code of `names` uses, `names` themselves included, bound or not.

        Raises:
            TooTangled: as it says.
        """
        self._left, self.unbound = _BUDGET, {n for n in names if not self.binds(n)}
        seen: set[int] = set()
        try:
            for _ in self._uses(names, seen):
                pass
        except RecursionError:
            raise TooTangled from None
        read = lambda goal: any(id(b.node) in seen for b in self._live(self.module.names.get(goal, []), None))
        return frozenset(goal for goal in goals if goal in self.unbound or read(goal))

    def exports(self, name: str, rest: str = "") -> Iterator[Use]:
        """What `name` stands for where it was only imported here: uses of it elsewhere are uses of that."""
        for binding in self._live(self.module.names.get(name, []), None):
            if binding.dotted:
                line = getattr(binding.node, "lineno", 0)
                yield Use(binding.cell, line, binding.dotted + rest, name, dynamic=_is_dynamic_name(binding.dotted))
        if not self.binds(name):
            yield from (Use(0, 0, f"{star}.{name}{rest}", name) for star in self.stars)

    def binds(self, name: str) -> bool:
        """Whether a statement binds `name`, star imports left aside."""
        return bool(self.module.names.get(name))

    def spend(self, steps: int) -> None:
        """Count steps, so that hostile text cannot hold the reader up. Raises TooTangled when they are used up."""
        self._left -= steps
        if self._left < 0:
            raise TooTangled

    def _uses(self, names: tuple[str, ...], seen: set[int] | None = None) -> Iterator[Use]:
        waiting = [b for name in names for b in self._live(self.module.names.get(name, []), None)]
        seen = set() if seen is None else seen
        while waiting:
            binding = waiting.pop()
            if id(binding.node) in seen:
                continue
            seen.add(id(binding.node))
            reader = _Reader(self, binding)
            yield from reader.read()
            waiting += reader.reached

    def _live(self, bindings: list[Binding], before: int | None) -> list[Binding]:
        """Bindings that may hold: from the last sure one on, counting only those before a position where one is given."""
        self.spend(len(bindings))
        usable = [b for b in bindings if before is None or b.order < before] or bindings
        start = max((n for n, b in enumerate(usable) if b.sure), default=0)
        return usable[start:]

    def _bind_module(self, node: ast.stmt, cell: int, *, sure: bool, top: ast.stmt) -> None:
        def add(name: str, binding: Binding) -> None:
            binding.cell, binding.order, binding.scope = cell, self._order, self.module
            binding.sure = binding.sure and sure
            binding.node = top
            self.module.names[name].append(binding)

        for name, binding in bindings(node):
            if name == "*":
                self.stars.append(binding.dotted)
            else:
                add(name, binding)
        for name in updated(node):
            # `np.testing.assert_allclose(...)` updates no module: it must not tie a scratch cell to all that use np.
            if not any(b.dotted for b in self.module.names.get(name, [])):
                add(name, Binding(node, sure=False))
        for inner in blocks(node):
            self._bind_module(inner, cell, sure=False, top=top)
        for name, value in globals_set(node):
            add(name, Binding(node, value=value, sure=False))


class _Reader:
    """Reads one top-level statement in its scopes: yields uses, collects the module bindings it reaches."""

    def __init__(self, program: Program, binding: Binding):
        self.program, self.cell, self.order, self.statement = program, binding.cell, binding.order, binding.node
        self.reached: list[Binding] = []
        self._late = False

    def read(self) -> Iterator[Use]:
        yield from self._visit(self.statement, self.program.module)

    def _visit(self, node: ast.AST, scope: Scope) -> Iterator[Use]:
        self.program.spend(1)
        if isinstance(node, ast.Name | ast.Attribute):
            yield from self._expression(node, scope)
        elif isinstance(node, _FUNCTIONS):
            yield from self._function(node, scope)
        elif isinstance(node, ast.ClassDef):
            for part in (*node.decorator_list, *node.bases, *node.keywords):
                yield from self._visit(part, scope)
            inner = local_scope(node.body, scope)
            inner.is_class = True
            for part in node.body:
                yield from self._visit(part, inner)
        elif isinstance(node, _COMPREHENSIONS):
            inner = Scope(scope)
            for generator in node.generators:
                for name in target_names(generator.target):
                    inner.names[name].append(Binding(generator, value=single_element(generator.iter), scope=scope))
            for part in ast.iter_child_nodes(node):
                yield from self._visit(part, inner)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for name, binding in bindings(node):
                if _is_dynamic_name(binding.dotted):
                    yield self._use(node, binding.dotted, dynamic=True)
                elif name == "*":
                    yield self._use(node, binding.dotted, dynamic=True, module=True)
        elif _is_alias(node):
            # `j = jax` names a module again; the resolution follows it, so it is no use by itself.
            if not self._meanings(node.value, scope):
                yield from self._visit(node.value, scope)
            else:
                yield from self._expression(node.value, scope, alias=True)
        else:
            for part in ast.iter_child_nodes(node):
                yield from self._visit(part, scope)

    def _function(self, node, scope: Scope) -> Iterator[Use]:
        outside = [*getattr(node, "decorator_list", []), *node.args.defaults, *(d for d in node.args.kw_defaults if d)]
        for part in outside:
            if not isinstance(part, ast.Name | ast.Attribute) or part in getattr(node, "decorator_list", []):
                yield from self._visit(part, scope)
            else:
                yield from self._expression(part, scope, alias=True)  # `def f(x, np=jnp)`
        body = node.body if isinstance(node.body, list) else [node.body]
        while scope.is_class and scope.parent:  # methods do not see the class body's names
            scope = scope.parent
        inner = local_scope(body, scope)
        for argument, default in arguments(node.args):
            inner.names[argument].append(Binding(node, value=default, scope=scope))
        was_late, self._late = self._late, True
        for part in body:
            yield from self._visit(part, inner)
        self._late = was_late

    def _expression(self, node: ast.expr, scope: Scope, alias: bool = False) -> Iterator[Use]:
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            return
        inner: ast.expr = node
        while isinstance(inner, ast.Attribute):
            if inner.attr in DYNAMIC_ATTRIBUTES:
                yield self._use(node, inner.attr, dynamic=True)
            inner = inner.value
        if not isinstance(inner, ast.Name):
            yield from self._visit(inner, scope)
        for meaning in self._meanings(node, scope):
            if _is_dynamic_name(meaning):
                yield self._use(node, meaning.removeprefix(_IMPLICIT), dynamic=True)
            elif not alias and _is_module(meaning):
                yield self._use(node, meaning, dynamic=True, module=True)
            else:
                yield self._use(node, meaning)

    def _use(self, node: ast.AST, name: str, *, dynamic: bool = False, module: bool = False) -> Use:
        written = _written(node) if isinstance(node, ast.expr) else name
        return Use(self.cell, getattr(node, "lineno", 0), name, written[:80], dynamic, module)

    def _meanings(self, node: ast.expr, scope: Scope, depth: int = 0) -> tuple[str, ...]:
        """Canonical dotted names that an expression may stand for; empty: the student's own, or not decided."""
        self.program.spend(1)
        if depth > _MAX_MEANINGS:
            return ()
        if isinstance(node, ast.Attribute):
            return tuple(f"{base}.{node.attr}" for base in self._meanings(node.value, scope, depth + 1))
        if isinstance(node, ast.IfExp):
            return self._meanings(node.body, scope, depth + 1) + self._meanings(node.orelse, scope, depth + 1)
        if isinstance(node, ast.NamedExpr):
            return self._meanings(node.value, scope, depth + 1)
        if not isinstance(node, ast.Name):
            return ()
        found: list[str] = []
        for binding in self._lookup(node.id, scope):
            if binding.dotted:
                found.append(binding.dotted)
            elif binding.value is not None and binding.value is not node:
                found += self._meanings(binding.value, binding.scope or self.program.module, depth + 1)
        if not found and self._is_unbound(node.id, scope):
            found += [_IMPLICIT + node.id] if hasattr(builtins, node.id) or node.id in DYNAMIC_BUILTINS else []
            found += [] if found else [f"{star}.{node.id}" for star in self.program.stars]
        return tuple(dict.fromkeys(found))[:_MAX_MEANINGS]

    def _lookup(self, name: str, scope: Scope | None) -> list[Binding]:
        while scope is not None:
            if name in scope.names:
                if scope is not self.program.module:
                    return scope.names[name]
                live = self.program._live(scope.names[name], None if self._late else self.order)
                self.reached += live
                return live
            scope = scope.parent
        self.program.unbound.add(name)
        return []

    def _is_unbound(self, name: str, scope: Scope | None) -> bool:
        while scope is not None:
            if name in scope.names:
                return False
            scope = scope.parent
        return True


def _written(node: ast.expr) -> str:
    """A chain of attributes as text; what is no name at its root is shortened to (...)."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id if isinstance(node, ast.Name) else "(...)", *reversed(parts)])


def _is_dynamic_name(name: str) -> bool:
    if name.startswith(_IMPLICIT):
        return name.removeprefix(_IMPLICIT).split(".")[0] in DYNAMIC_BUILTINS
    return any(name == n or name.startswith(n + ".") for n in (*DYNAMIC_MODULES, *DYNAMIC_NAMES))


def _is_module(meaning: str) -> bool:
    return meaning in MODULES


def _is_alias(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Assign | ast.AnnAssign)
        and isinstance(node.value, ast.Name | ast.Attribute)
        and all(isinstance(t, ast.Name) for t in (node.targets if isinstance(node, ast.Assign) else [node.target]))
    )
