"""Mutation operators of arithmetic: terms, factors, signs, powers, numbers, functions that are left out."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator

from autograder.verify.syntax import Context, binary, called, int_of, is_eps, operand_of

_DROPPED_CALLS = frozenset({
    "sqrt", "square", "exp", "log", "log1p", "expm1", "abs", "tanh", "sigmoid", "relu", "maximum", "sort", "unique", "cumsum",
    "softmax", "log_softmax", "stop_gradient", "reversed", "argsort", "conj", "clip", "float", "round", "negative", "reciprocal",
    "logaddexp", "symmetrize", "normalize", "transpose", "permutation",
})  # fmt: skip
# A draw from a symmetric law has no sign, and an order that is reversed is an order: such mutants are right answers.
_SYMMETRIC = frozenset({"normal", "truncated_normal", "rademacher", "permutation"})


def swap_operands(node: ast.AST, _: Context) -> Iterator[ast.AST]:
    """a - b, a / b, a @ b, a ** b the other way round."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub | ast.Div | ast.MatMult | ast.Pow):
        yield binary(node.right, node.op, node.left)


def other_operator(node: ast.AST, _: Context) -> Iterator[ast.AST]:
    """+ for -, * for /, and back; // for %."""
    pairs = {
        ast.Add: ast.Sub,
        ast.Sub: ast.Add,
        ast.Mult: ast.Div,
        ast.Div: ast.Mult,
        ast.FloorDiv: ast.Mod,
        ast.Mod: ast.FloorDiv,
    }
    if isinstance(node, ast.BinOp) and type(node.op) in pairs:
        yield binary(node.left, pairs[type(node.op)](), node.right)


def drop_term(node: ast.AST, _: Context) -> Iterator[ast.AST]:
    """a + b and a - b lose a term."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        yield copy.deepcopy(node.left)
        if isinstance(node.op, ast.Add):
            yield copy.deepcopy(node.right)
        else:
            yield ast.UnaryOp(ast.USub(), copy.deepcopy(node.right))


def drop_factor(node: ast.AST, _: Context) -> Iterator[ast.AST]:
    """a * b, a / b and a @ b lose a factor."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div | ast.MatMult):
        yield copy.deepcopy(node.left)
        if isinstance(node.op, ast.Mult):
            yield copy.deepcopy(node.right)


def sign(node: ast.AST, context: Context) -> Iterator[ast.AST]:
    """a for -a; and -a for a product that is a term of a sum or a part of the result."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and int_of(node) is None:
        yield copy.deepcopy(node.operand)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.MatMult | ast.Div) and _sign_matters(node, context):
        yield ast.UnaryOp(ast.USub(), copy.deepcopy(node))


def _sign_matters(node: ast.AST, context: Context) -> bool:
    """A term of a sum or a part of the result; what is assigned first may well be squared or normalised afterwards."""
    parent = context.parents.get(id(node))
    term = isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Add | ast.Sub)
    return (term or isinstance(parent, ast.Return | ast.Tuple | ast.List)) and not _is_symmetric(node)


def _is_symmetric(node: ast.AST) -> bool:
    return any(called(n) in _SYMMETRIC for n in ast.walk(node))


def scale(node: ast.AST, context: Context) -> Iterator[ast.AST]:
    """A factor or sign too many: the result comes out doubled or negated."""
    if not isinstance(node, ast.BinOp | ast.Call) or not isinstance(context.parents.get(id(node)), ast.Return):
        return
    yield binary(ast.Constant(2), ast.Mult(), node)
    product = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.MatMult | ast.Div)
    if not product and not _is_symmetric(node):  # of products, `sign` does this
        yield ast.UnaryOp(ast.USub(), copy.deepcopy(node))


def power(node: ast.AST, _: Context) -> Iterator[ast.AST]:
    """A missing square or root, or one too many: x**2 -> x, sqrt(x) -> x, x**2 -> x**3."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        yield copy.deepcopy(node.left)
        if (exponent := int_of(node.right)) is not None:
            yield binary(node.left, ast.Pow(), ast.Constant(exponent + 1))


def drop_call(node: ast.AST, context: Context) -> Iterator[ast.AST]:
    """sqrt(x), exp(x), sort(x), stop_gradient(x) ... -> x; phi(x) -> x and phi(phi(x)), where phi is an argument."""
    if not isinstance(node, ast.Call):
        return
    given = isinstance(node.func, ast.Name) and node.func.id in context.parameters and len(node.args) == 1
    operand = operand_of(node) if given or called(node) in _DROPPED_CALLS else None
    if operand is not None:
        yield copy.deepcopy(operand)
    if operand is not None and given:
        yield ast.Call(copy.deepcopy(node.func), [copy.deepcopy(node)], [])


def number(node: ast.AST, context: Context) -> Iterator[ast.AST]:
    """A number that is off: 2.0 -> 3.0 and 1.0, 0.5 -> 1.5; whole numbers by one."""
    if not isinstance(node, ast.Constant) or type(node.value) not in (int, float) or is_eps(node):
        return
    if _in_axis(node, context) or (type(node.value) is int and _in_index(node, context)):
        return  # the operators `axis` and `slice_bound` do these
    yield ast.Constant(node.value + 1)
    if node.value:
        yield ast.Constant(node.value - 1) if node.value - 1 >= 0 else ast.Constant(2 * node.value)


def _in_axis(node: ast.AST, context: Context) -> bool:
    parent = context.parents.get(id(node))
    return isinstance(parent, ast.keyword) and parent.arg in ("axis", "axes", "in_axes", "out_axes", "argnums", "ndmin")


def _in_index(node: ast.AST, context: Context) -> bool:
    parent = context.parents.get(id(node))
    while isinstance(parent, ast.UnaryOp | ast.Slice | ast.Tuple):
        node, parent = parent, context.parents.get(id(parent))
    return isinstance(parent, ast.Subscript) and parent.slice is node
