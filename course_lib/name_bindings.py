"""PUBLIC: which names a statement binds or updates, and in which scope: what `name_resolution.py` looks names up in."""

from __future__ import annotations

import ast
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Binding:
    """One way a name gets a value: an import (`dotted`), another expression (`value`), or something opaque."""

    node: ast.AST
    dotted: str = ""
    value: ast.expr | None = None
    cell: int = 0
    order: int = 0
    sure: bool = True  # replaces what was bound before (not inside if, for, try; not an update like x.append)
    scope: Scope | None = None


@dataclass
class Scope:
    """Names bound in a module, function, comprehension or class body. `parent` is where lookups go on."""

    parent: Scope | None
    names: dict[str, list[Binding]] = field(default_factory=lambda: defaultdict(list))
    is_class: bool = False


def make_absolute(tree: ast.Module, package: str) -> None:
    """`from .ops import x` in the package mylib is `from mylib.ops import x`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            parts = package.split(".")
            parent = ".".join(parts[: len(parts) - node.level + 1])
            node.module, node.level = ".".join(p for p in (parent, node.module) if p), 0


def bindings(node: ast.AST) -> Iterator[tuple[str, Binding]]:
    """(name, binding) of one statement itself, blocks inside it left out. A star import has the name `*`."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            name = alias.asname or alias.name.split(".")[0]
            yield name, Binding(node, dotted=alias.name if alias.asname else name)
    elif isinstance(node, ast.ImportFrom):
        for alias in node.names:
            yield (
                alias.asname or alias.name,
                Binding(node, dotted=".".join([node.module or "", alias.name]).removesuffix(".*")),
            )
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name, Binding(node)
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            yield from _pairs(target, node.value, node)
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        yield from _pairs(node.target, node.value, node)
    elif isinstance(node, ast.AugAssign):
        yield from ((n, Binding(node, sure=False)) for n in target_names(node.target))
    elif isinstance(node, ast.For | ast.AsyncFor):
        yield from ((n, Binding(node, value=single_element(node.iter), sure=False)) for n in target_names(node.target))
    elif isinstance(node, ast.With | ast.AsyncWith):
        for item in node.items:
            if item.optional_vars is not None:
                yield from ((n, Binding(node)) for n in target_names(item.optional_vars))
    elif isinstance(node, ast.Try):
        yield from ((h.name, Binding(node, sure=False)) for h in node.handlers if h.name)
    for inner in _own_expressions(node):
        if isinstance(inner, ast.NamedExpr):
            yield inner.target.id, Binding(node, value=inner.value, sure=False)


def _pairs(target: ast.expr, value: ast.expr, node: ast.AST) -> Iterator[tuple[str, Binding]]:
    """`a, j = 1, jax` binds each name to its own value; other unpackings are opaque."""
    if isinstance(target, ast.Name):
        yield target.id, Binding(node, value=value)
    elif isinstance(target, ast.Tuple | ast.List):
        values = value.elts if isinstance(value, ast.Tuple | ast.List) else []
        matched = len(values) == len(target.elts) and not any(isinstance(e, ast.Starred) for e in [*values, *target.elts])
        for number, part in enumerate(target.elts):
            if matched:
                yield from _pairs(part, values[number], node)
            else:
                yield from ((n, Binding(node)) for n in target_names(part))


def single_element(iterable: ast.expr) -> ast.expr | None:
    """`for j in (jax,)`: the one element, where there is just one."""
    if isinstance(iterable, ast.Tuple | ast.List) and len(iterable.elts) == 1:
        return iterable.elts[0]
    return None


def target_names(target: ast.expr) -> list[str]:
    return [n.id for n in ast.walk(target) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]


def updated(node: ast.AST) -> list[str]:
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


def blocks(node: ast.AST) -> Iterator[ast.stmt]:
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


def globals_set(node: ast.AST) -> Iterator[tuple[str, ast.expr | None]]:
    """Module names that functions inside a statement bind through `global`."""
    for function in (n for n in ast.walk(node) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)):
        declared = {name for n in ast.walk(function) if isinstance(n, ast.Global) for name in n.names}
        for inner in ast.walk(function) if declared else ():
            if isinstance(inner, ast.stmt):
                yield from ((name, b.value) for name, b in bindings(inner) if name in declared)


def local_scope(body: list, parent: Scope) -> Scope:
    """The scope of a function's or class's body: everything bound in it, except what it declares global or nonlocal."""
    scope, waiting, declared = Scope(parent), deque(body), set()
    while waiting:
        node = waiting.popleft()
        if isinstance(node, ast.Global | ast.Nonlocal):
            declared.update(node.names)
        for name, binding in bindings(node):
            binding.scope = scope
            scope.names[name].append(binding)
        waiting += blocks(node)
    for name in declared:
        scope.names.pop(name, None)
    return scope


def arguments(arguments: ast.arguments) -> Iterator[tuple[str, ast.expr | None]]:
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(positional) - len(arguments.defaults)) + list(arguments.defaults)
    yield from ((a.arg, d) for a, d in zip(positional, defaults, strict=True))
    yield from ((a.arg, d) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True))
    yield from ((a.arg, None) for a in (arguments.vararg, arguments.kwarg) if a)
