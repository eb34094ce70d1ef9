"""PUBLIC: what dotted library name a piece of a student's source means, and which code a top-level name reaches.

Reads syntax trees only. A `Program` is all code cells of a notebook as one module: cells run in order, a later binding
of a name replaces an earlier one, functions look their globals up when they are called (so they see the last binding).
Where a name may mean several things, all are kept: a missed alias would be worse than an extra line for a person.
"""

from __future__ import annotations

import ast
import builtins
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from course_lib import cell_text

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


@dataclass
class _Binding:
    """One way a name gets a value: an import (`dotted`), another expression (`value`), or something opaque."""

    node: ast.AST
    dotted: str = ""
    value: ast.expr | None = None
    cell: int = 0
    order: int = 0
    sure: bool = True  # replaces what was bound before (not inside if, for, try; not an update like x.append)
    scope: _Scope | None = None


@dataclass
class _Scope:
    """Names bound in a module, function, comprehension or class body. `parent` is where lookups go on."""

    parent: _Scope | None
    names: dict[str, list[_Binding]] = field(default_factory=lambda: defaultdict(list))
    is_class: bool = False


class Program:
    """All code cells of a notebook, or the text of one module of the student's own, ready to be asked what a name reaches.

    Args:
        cells: source texts that run one after the other in one namespace.
        package: of a module, the package that `from . import` means.
    """

    def __init__(self, cells: list[str], package: str = ""):
        self._package = package
        self.module = _Scope(None)
        self.stars: list[str] = []
        self._order = 0
        self._left = _BUDGET
        self.unbound: set[str] = set()  # names that were looked up and that nothing binds
        for index, source in enumerate(cells):
            try:
                tree = cell_text.parse_cell(source)
            except SyntaxError:
                continue  # it did not run either
            _make_absolute(tree, package)
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

    def _live(self, bindings: list[_Binding], before: int | None) -> list[_Binding]:
        """Bindings that may hold: from the last sure one on, counting only those before a position where one is given."""
        self.spend(len(bindings))
        usable = [b for b in bindings if before is None or b.order < before] or bindings
        start = max((n for n, b in enumerate(usable) if b.sure), default=0)
        return usable[start:]

    def _bind_module(self, node: ast.stmt, cell: int, *, sure: bool, top: ast.stmt) -> None:
        def add(name: str, binding: _Binding) -> None:
            binding.cell, binding.order, binding.scope = cell, self._order, self.module
            binding.sure = binding.sure and sure
            binding.node = top
            self.module.names[name].append(binding)

        for name, binding in _bindings(node):
            if name == "*":
                self.stars.append(binding.dotted)
            else:
                add(name, binding)
        for name in _updated(node):
            # `np.testing.assert_allclose(...)` updates no module: it must not tie a scratch cell to all that use np.
            if not any(b.dotted for b in self.module.names.get(name, [])):
                add(name, _Binding(node, sure=False))
        for inner in _blocks(node):
            self._bind_module(inner, cell, sure=False, top=top)
        for name, value in _globals_set(node):
            add(name, _Binding(node, value=value, sure=False))


class _Reader:
    """Reads one top-level statement in its scopes: yields uses, collects the module bindings it reaches."""

    def __init__(self, program: Program, binding: _Binding):
        self.program, self.cell, self.order, self.statement = program, binding.cell, binding.order, binding.node
        self.reached: list[_Binding] = []
        self._late = False

    def read(self) -> Iterator[Use]:
        yield from self._visit(self.statement, self.program.module)

    def _visit(self, node: ast.AST, scope: _Scope) -> Iterator[Use]:
        self.program.spend(1)
        if isinstance(node, ast.Name | ast.Attribute):
            yield from self._expression(node, scope)
        elif isinstance(node, _FUNCTIONS):
            yield from self._function(node, scope)
        elif isinstance(node, ast.ClassDef):
            for part in (*node.decorator_list, *node.bases, *node.keywords):
                yield from self._visit(part, scope)
            inner = _local_scope(node.body, scope)
            inner.is_class = True
            for part in node.body:
                yield from self._visit(part, inner)
        elif isinstance(node, _COMPREHENSIONS):
            inner = _Scope(scope)
            for generator in node.generators:
                for name in _target_names(generator.target):
                    inner.names[name].append(_Binding(generator, value=_single_element(generator.iter), scope=scope))
            for part in ast.iter_child_nodes(node):
                yield from self._visit(part, inner)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for name, binding in _bindings(node):
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

    def _function(self, node, scope: _Scope) -> Iterator[Use]:
        outside = [*getattr(node, "decorator_list", []), *node.args.defaults, *(d for d in node.args.kw_defaults if d)]
        for part in outside:
            if not isinstance(part, ast.Name | ast.Attribute) or part in getattr(node, "decorator_list", []):
                yield from self._visit(part, scope)
            else:
                yield from self._expression(part, scope, alias=True)  # `def f(x, np=jnp)`
        body = node.body if isinstance(node.body, list) else [node.body]
        while scope.is_class and scope.parent:  # methods do not see the class body's names
            scope = scope.parent
        inner = _local_scope(body, scope)
        for argument, default in _arguments(node.args):
            inner.names[argument].append(_Binding(node, value=default, scope=scope))
        was_late, self._late = self._late, True
        for part in body:
            yield from self._visit(part, inner)
        self._late = was_late

    def _expression(self, node: ast.expr, scope: _Scope, alias: bool = False) -> Iterator[Use]:
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

    def _meanings(self, node: ast.expr, scope: _Scope, depth: int = 0) -> tuple[str, ...]:
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

    def _lookup(self, name: str, scope: _Scope | None) -> list[_Binding]:
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

    def _is_unbound(self, name: str, scope: _Scope | None) -> bool:
        while scope is not None:
            if name in scope.names:
                return False
            scope = scope.parent
        return True


def _make_absolute(tree: ast.Module, package: str) -> None:
    """`from .ops import x` in the package mylib is `from mylib.ops import x`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            parts = package.split(".")
            parent = ".".join(parts[: len(parts) - node.level + 1])
            node.module, node.level = ".".join(p for p in (parent, node.module) if p), 0


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


def _bindings(node: ast.AST) -> Iterator[tuple[str, _Binding]]:
    """(name, binding) of one statement itself, blocks inside it left out. A star import has the name `*`."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            name = alias.asname or alias.name.split(".")[0]
            yield name, _Binding(node, dotted=alias.name if alias.asname else name)
    elif isinstance(node, ast.ImportFrom):
        for alias in node.names:
            yield (
                alias.asname or alias.name,
                _Binding(node, dotted=".".join([node.module or "", alias.name]).removesuffix(".*")),
            )
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name, _Binding(node)
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            yield from _pairs(target, node.value, node)
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        yield from _pairs(node.target, node.value, node)
    elif isinstance(node, ast.AugAssign):
        yield from ((n, _Binding(node, sure=False)) for n in _target_names(node.target))
    elif isinstance(node, ast.For | ast.AsyncFor):
        yield from ((n, _Binding(node, value=_single_element(node.iter), sure=False)) for n in _target_names(node.target))
    elif isinstance(node, ast.With | ast.AsyncWith):
        for item in node.items:
            if item.optional_vars is not None:
                yield from ((n, _Binding(node)) for n in _target_names(item.optional_vars))
    elif isinstance(node, ast.Try):
        yield from ((h.name, _Binding(node, sure=False)) for h in node.handlers if h.name)
    for inner in _own_expressions(node):
        if isinstance(inner, ast.NamedExpr):
            yield inner.target.id, _Binding(node, value=inner.value, sure=False)


def _pairs(target: ast.expr, value: ast.expr, node: ast.AST) -> Iterator[tuple[str, _Binding]]:
    """`a, j = 1, jax` binds each name to its own value; other unpackings are opaque."""
    if isinstance(target, ast.Name):
        yield target.id, _Binding(node, value=value)
    elif isinstance(target, ast.Tuple | ast.List):
        values = value.elts if isinstance(value, ast.Tuple | ast.List) else []
        matched = len(values) == len(target.elts) and not any(isinstance(e, ast.Starred) for e in [*values, *target.elts])
        for number, part in enumerate(target.elts):
            if matched:
                yield from _pairs(part, values[number], node)
            else:
                yield from ((n, _Binding(node)) for n in _target_names(part))


def _single_element(iterable: ast.expr) -> ast.expr | None:
    """`for j in (jax,)`: the one element, where there is just one."""
    if isinstance(iterable, ast.Tuple | ast.List) and len(iterable.elts) == 1:
        return iterable.elts[0]
    return None


def _target_names(target: ast.expr) -> list[str]:
    return [n.id for n in ast.walk(target) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]


def _updated(node: ast.AST) -> list[str]:
    """Names whose value a statement changes in place: `tools["g"] = ...`, `tools.append(...)`, `f.helper = ...`."""
    if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return [_base(t) for t in targets if isinstance(t, ast.Attribute | ast.Subscript) and _base(t)]
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        call = node.value
        if isinstance(call.func, ast.Attribute):
            return [n for n in [_base(call.func)] if n]
        if isinstance(call.func, ast.Name) and call.func.id == "setattr" and call.args:
            return [n for n in [_base(call.args[0])] if n]
    return []


def _base(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _blocks(node: ast.AST) -> Iterator[ast.stmt]:
    """Statements nested in a compound statement, functions and classes left closed."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return
    if not isinstance(node, ast.stmt):  # the body of `lambda x: a if x else b` is no block
        return
    for part in ("body", "orelse", "finalbody"):
        yield from (n for n in getattr(node, part, []) if isinstance(n, ast.stmt))
    for inner in (*getattr(node, "handlers", []), *getattr(node, "cases", [])):
        yield from inner.body


def _own_expressions(node: ast.AST) -> Iterator[ast.AST]:
    """Expressions of a statement, not of statements or functions inside it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr) and not isinstance(child, ast.Lambda):
            yield child
            yield from _own_expressions(child)


def _globals_set(node: ast.AST) -> Iterator[tuple[str, ast.expr | None]]:
    """Module names that functions inside a statement bind through `global`."""
    for function in (n for n in ast.walk(node) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)):
        declared = {name for n in ast.walk(function) if isinstance(n, ast.Global) for name in n.names}
        for inner in ast.walk(function) if declared else ():
            if isinstance(inner, ast.stmt):
                yield from ((name, b.value) for name, b in _bindings(inner) if name in declared)


def _local_scope(body: list, parent: _Scope) -> _Scope:
    """The scope of a function's or class's body: everything bound in it, except what it declares global or nonlocal."""
    scope, waiting, declared = _Scope(parent), deque(body), set()
    while waiting:
        node = waiting.popleft()
        if isinstance(node, ast.Global | ast.Nonlocal):
            declared.update(node.names)
        for name, binding in _bindings(node):
            binding.scope = scope
            scope.names[name].append(binding)
        waiting += _blocks(node)
    for name in declared:
        scope.names.pop(name, None)
    return scope


def _arguments(arguments: ast.arguments) -> Iterator[tuple[str, ast.expr | None]]:
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(positional) - len(arguments.defaults)) + list(arguments.defaults)
    yield from ((a.arg, d) for a, d in zip(positional, defaults, strict=True))
    yield from ((a.arg, d) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True))
    yield from ((a.arg, None) for a in (arguments.vararg, arguments.kwarg) if a)
