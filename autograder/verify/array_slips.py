"""Mutation operators of arrays: transposes, axes, reductions, broadcasting, slices and ranges."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator

from autograder.verify.syntax import Context, binary, called, int_of, plus, with_keyword

_PAIRS = (
    "sum mean", "max min", "argmax argmin", "std var", "maximum minimum", "floor ceil", "zeros ones", "zeros_like ones_like",
    "sin cos", "tril triu", "any all", "log log1p", "exp expm1",
)  # fmt: skip
_SWAPPED_CALLS = {
    **{a: b for pair in _PAIRS for a, b in (pair.split(), pair.split()[::-1])},
    **{"prod": "sum", "cumsum": "cumprod", "logsumexp": "max", "normal": "uniform", "softplus": "relu"},
}


def _renamed(node: ast.Call, name: str) -> ast.Call:
    new = copy.deepcopy(node)
    if isinstance(new.func, ast.Attribute):
        new.func.attr = name
    elif isinstance(new.func, ast.Name):
        new.func.id = name
    return new


def transpose(node: ast.AST, _: Context) -> Iterator[ast.AST]:
    """A transpose lost or added in a product."""
    if isinstance(node, ast.Attribute) and node.attr in ("T", "mT"):
        yield copy.deepcopy(node.value)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        if (flipped := _flipped(node.left)) is not None:
            yield binary(flipped, ast.MatMult(), node.right)
        if (flipped := _flipped(node.right)) is not None:
            yield binary(node.left, ast.MatMult(), flipped)


def _flipped(node: ast.expr) -> ast.expr | None:
    if isinstance(node, ast.Attribute) and node.attr in ("T", "mT"):
        return None  # losing it is a mutant of its own
    if (
        isinstance(node, ast.Subscript)
        and isinstance(node.slice, ast.Tuple)
        and any(int_of(e) is not None for e in node.slice.elts)
    ):
        return None  # a column is a vector, and a vector its own transpose
    return ast.Attribute(copy.deepcopy(node), "T", ast.Load())


def axis(node: ast.AST, _: Context) -> Iterator[ast.AST]:
    """axis=0 for 1 and back, no axis at all, keepdims lost; in_axes and argnums too."""
    if not isinstance(node, ast.Call):
        return
    for i, keyword in enumerate(node.keywords):
        if keyword.arg in ("axis", "in_axes", "out_axes", "argnums") and (value := int_of(keyword.value)) is not None:
            yield with_keyword(node, i, plus(ast.Constant(0), 1 if value in (0, -2) else 0))
        if keyword.arg in ("axis", "keepdims"):
            yield with_keyword(node, i, None)


def reduction(node: ast.AST, _: Context) -> Iterator[ast.AST]:
    """mean for sum, min for max, var for std, cos for sin ... : the neighbour in the library."""
    if isinstance(node, ast.Call) and called(node) in _SWAPPED_CALLS:
        yield _renamed(node, _SWAPPED_CALLS[called(node)])


def scan_direction(node: ast.AST, context: Context) -> Iterator[ast.AST]:
    """Order of traversal: x[::-1] -> x, reversed(x) -> x (by drop_call), a loop backwards (if it names what it counts)."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice) and node.slice.step is not None:
        if int_of(node.slice.step) == -1:
            yield copy.deepcopy(node.value)
    elif isinstance(node, ast.Call) and called(node) == "range" and not _only_repeats(context.parents.get(id(node))):
        yield ast.Call(ast.Name("reversed", ast.Load()), [copy.deepcopy(node)], [])


def _only_repeats(loop: ast.AST | None) -> bool:
    return isinstance(loop, ast.For | ast.comprehension) and isinstance(loop.target, ast.Name) and loop.target.id == "_"


def outer_product(node: ast.AST, _: Context) -> Iterator[ast.AST]:
    """Broadcasting along the wrong axis: x[:, None] -> x, x[None, :] and back; outer(a, b) -> a * b."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple):
        kinds = [isinstance(e, ast.Constant) and e.value is None for e in node.slice.elts]
        if any(kinds) and all(k or _is_full(e) for k, e in zip(kinds, node.slice.elts, strict=True)):
            if not kinds[0]:  # a new axis in front is what broadcasting adds by itself
                yield copy.deepcopy(node.value)
            new = copy.deepcopy(node)
            new.slice.elts.reverse()
            yield new
    elif isinstance(node, ast.Call) and called(node) == "outer" and len(node.args) == 2:
        yield binary(node.args[0], ast.Mult(), node.args[1])


def _is_full(node: ast.AST) -> bool:
    return isinstance(node, ast.Slice) and node.lower is None and node.upper is None and node.step is None


def slice_bound(node: ast.AST, _: Context) -> Iterator[ast.AST]:
    """Slices and indices that are off by one, or lost: x[1:] -> x[2:], x; x[i] -> x[i - 1]."""
    if not isinstance(node, ast.Subscript):
        return
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    for i, part in enumerate(parts):
        for new_part in _moved(part):
            if isinstance(node.slice, ast.Tuple) and int_of(part) == 0 and int_of(new_part) == -1:
                continue  # the first and the last of a single row or column are the same
            new = copy.deepcopy(node)
            if isinstance(new.slice, ast.Tuple):
                new.slice.elts[i] = new_part
            else:
                new.slice = new_part
            yield new


def _moved(part: ast.expr) -> Iterator[ast.expr]:
    if isinstance(part, ast.Slice):
        for name, step in (("lower", 1), ("lower", -1), ("upper", 1), ("upper", -1)):
            bound = getattr(part, name)
            if bound is None or (int_of(bound) is not None and (int_of(bound) < 0) != (int_of(bound) + step < 0)):
                continue
            new = copy.deepcopy(part)
            setattr(new, name, plus(bound, step))
            yield new
        if part.lower is not None or part.upper is not None:
            yield ast.Slice(None, None, copy.deepcopy(part.step))
    elif int_of(part) is not None:
        yield plus(part, 1)
        yield plus(part, -1)
    elif isinstance(part, ast.Name | ast.BinOp):
        yield plus(part, -1)


def loop_bound(node: ast.AST, _: Context) -> Iterator[ast.AST]:
    """range, linspace, arange, split and zeros that are one too long or too short."""
    if called(node) in ("range", "arange", "linspace", "split", "hermegauss", "eye", "len") and isinstance(node, ast.Call):
        if called(node) == "len":
            yield plus(copy.deepcopy(node), -1)
            return
        for i, arg in enumerate(node.args):
            if isinstance(arg, ast.Starred) or (called(node) == "split" and i == 0):
                continue
            for step in (1, -1):
                new = copy.deepcopy(node)
                new.args[i] = plus(arg, step)
                yield new
