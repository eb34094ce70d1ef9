"""What mutation operators know of a syntax tree: a node's surroundings, what a call calls, small expressions to build from."""

from __future__ import annotations

import ast
import copy
from dataclasses import dataclass, field

_EPS = 1e-2  # constants at most this large, added to something, are taken for a guard against division by zero


@dataclass(frozen=True)
class Context:
    """What an operator may know besides the node.

    Attributes:
        parents: id(node) -> its parent.
        siblings: name -> names that are bound beside it in one tuple or parameter list ((W, b), (fan_in, fan_out)).
        key_names: names that hold JAX PRNG keys, parameters first.
        parameters: names of all functions' parameters.
    """

    parents: dict[int, ast.AST] = field(default_factory=dict)
    siblings: dict[str, tuple[str, ...]] = field(default_factory=dict)
    key_names: tuple[str, ...] = ()
    parameters: frozenset[str] = frozenset()


def context_of(tree: ast.AST) -> Context:
    """The context of all nodes of a function."""
    parents = {id(child): node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    parameters = frozenset(n.arg for n in ast.walk(tree) if isinstance(n, ast.arg))
    return Context(parents, _siblings(tree), _key_names(tree), parameters)


def _siblings(tree: ast.AST) -> dict[str, tuple[str, ...]]:
    groups = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Store):
            groups.append([e.id for e in node.elts if isinstance(e, ast.Name)])
        elif isinstance(node, ast.arguments):
            groups.append([a.arg for a in (*node.posonlyargs, *node.args, *node.kwonlyargs)])
    found: dict[str, list[str]] = {}
    for group in groups:
        for name in group:
            near = [g for g in _neighbours(group, name) if g != "_"]
            found[name] = list(dict.fromkeys(found.get(name, []) + near))
    return {name: tuple(others) for name, others in found.items()}


def _neighbours(group: list[str], name: str) -> list[str]:
    at = group.index(name)
    return [group[i] for i in (at - 1, at + 1) if 0 <= i < len(group)]


def _key_names(tree: ast.AST) -> tuple[str, ...]:
    names = [a.arg for n in ast.walk(tree) if isinstance(n, ast.arguments) for a in n.args if "key" in a.arg or a.arg == "rng"]
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and ("key" in node.id or node.id in ("k", "sub")):
            names.append(node.id)
    return tuple(dict.fromkeys(names))


# ------------------------------------------------------------------------------------------------------------- helpers


def called(node: ast.AST | None) -> str:
    """The last name of what a call calls: "sum" for x.sum(...) and jnp.sum(...); "" for anything else."""
    if not isinstance(node, ast.Call):
        return ""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def is_method(node: ast.Call) -> bool:
    """x.sum() rather than jnp.sum(x): what it belongs to is no module's usual name."""
    if not isinstance(node.func, ast.Attribute):
        return False
    base = node.func.value
    while isinstance(base, ast.Attribute):
        base = base.value
    return not (isinstance(base, ast.Name) and base.id in ("jnp", "np", "jax", "lax", "scipy", "math", "optax", "numpy"))


def operand_of(node: ast.Call) -> ast.expr | None:
    """What an elementwise function is applied to."""
    if is_method(node):
        return node.func.value if isinstance(node.func, ast.Attribute) else None
    return node.args[0] if node.args and not isinstance(node.args[0], ast.Starred) else None


def int_of(node: ast.AST) -> int | None:
    """The whole number that a node is, with its sign."""
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = int_of(node.operand)
        return -inner if inner is not None else None
    return None


def binary(left: ast.expr, op: ast.operator, right: ast.expr) -> ast.BinOp:
    """left op right, of copies."""
    return ast.BinOp(copy.deepcopy(left), op, copy.deepcopy(right))


def plus(node: ast.expr, step: int) -> ast.expr:
    """node + step, worked out where it is a number."""
    value = int_of(node)
    if value is not None:
        return ast.Constant(value + step) if value + step >= 0 else ast.UnaryOp(ast.USub(), ast.Constant(-value - step))
    return binary(node, ast.Add() if step > 0 else ast.Sub(), ast.Constant(abs(step)))


def with_keyword(node: ast.Call, at: int, value: ast.expr | None) -> ast.Call:
    """The call with its keyword number `at` changed, or gone."""
    new = copy.deepcopy(node)
    if value is None:
        del new.keywords[at]
    else:
        new.keywords[at].value = value
    return new


def is_eps(node: ast.AST) -> bool:
    """Whether it is a guard against division by zero."""
    if isinstance(node, ast.Name):
        return node.id in ("eps", "epsilon")
    return isinstance(node, ast.Constant) and isinstance(node.value, float) and 0 < node.value < _EPS


def is_part(node: ast.AST, kind: type, field_name: str, context: Context) -> bool:
    """Whether the node is this field of a parent of this kind."""
    parent = context.parents.get(id(node))
    return isinstance(parent, kind) and getattr(parent, field_name) is node
