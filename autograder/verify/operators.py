"""Mutation operators: one small slip each, of the kinds that are made in numerical code. Pure functions on syntax trees.

The classical ones (operators, numbers, comparisons, deleted statements) are those of cosmic-ray and mutmut, without the
variants that only crash on arrays; the rest is of this field: transposes, axes, reductions, fan-in for fan-out, reused keys,
the place of eps, precision. docs/verify.md says what each does and why the libraries are not called.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

Operator = Callable[[ast.AST, "Context"], Iterator[ast.AST]]

_PAIRS = (
    "sum mean", "max min", "argmax argmin", "std var", "maximum minimum", "floor ceil", "zeros ones", "zeros_like ones_like",
    "sin cos", "tril triu", "any all", "log log1p", "exp expm1",
)  # fmt: skip
_SWAPPED_CALLS = {
    **{a: b for pair in _PAIRS for a, b in (pair.split(), pair.split()[::-1])},
    **{"prod": "sum", "cumsum": "cumprod", "logsumexp": "max", "normal": "uniform", "softplus": "relu"},
}
_DROPPED_CALLS = frozenset({
    "sqrt", "square", "exp", "log", "log1p", "expm1", "abs", "tanh", "sigmoid", "relu", "maximum", "sort", "unique", "cumsum",
    "softmax", "log_softmax", "stop_gradient", "reversed", "argsort", "conj", "clip", "float", "round", "negative", "reciprocal",
    "logaddexp", "symmetrize", "normalize", "transpose", "permutation",
})  # fmt: skip
# Keywords whose loss no test can see: they check or document, or name the default of the whole ecosystem.
_IDLE_KEYWORDS = frozenset({"strict", "kind", "dtype", "why", "optimize", "precision", "stable", "length", "desc", "shape"})
_COMMUTATIVE = frozenset(
    {"maximum", "minimum", "logaddexp", "add", "multiply", "hypot", "dot", "vdot", "inner", "isclose", "max", "min"}
)
# A draw from a symmetric law has no sign, and an order that is reversed is an order: such mutants are right answers.
_SYMMETRIC = frozenset({"normal", "truncated_normal", "rademacher", "permutation"})
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


def _renamed(node: ast.Call, name: str) -> ast.Call:
    new = copy.deepcopy(node)
    if isinstance(new.func, ast.Attribute):
        new.func.attr = name
    elif isinstance(new.func, ast.Name):
        new.func.id = name
    return new


def _is_method(node: ast.Call) -> bool:
    """x.sum() rather than jnp.sum(x): what it belongs to is no module's usual name."""
    if not isinstance(node.func, ast.Attribute):
        return False
    base = node.func.value
    while isinstance(base, ast.Attribute):
        base = base.value
    return not (isinstance(base, ast.Name) and base.id in ("jnp", "np", "jax", "lax", "scipy", "math", "optax", "numpy"))


def _operand(node: ast.Call) -> ast.expr | None:
    """What an elementwise function is applied to."""
    if _is_method(node):
        return node.func.value if isinstance(node.func, ast.Attribute) else None
    return node.args[0] if node.args and not isinstance(node.args[0], ast.Starred) else None


def _int(node: ast.AST) -> int | None:
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _int(node.operand)
        return -inner if inner is not None else None
    return None


def _binary(left: ast.expr, op: ast.operator, right: ast.expr) -> ast.BinOp:
    return ast.BinOp(copy.deepcopy(left), op, copy.deepcopy(right))


def _plus(node: ast.expr, step: int) -> ast.expr:
    value = _int(node)
    if value is not None:
        return ast.Constant(value + step) if value + step >= 0 else ast.UnaryOp(ast.USub(), ast.Constant(-value - step))
    return _binary(node, ast.Add() if step > 0 else ast.Sub(), ast.Constant(abs(step)))


# ----------------------------------------------------------------------------------------------- arithmetic and terms


def swap_operands(node: ast.AST, _: Context) -> Iterator[ast.AST]:
    """a - b, a / b, a @ b, a ** b the other way round."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub | ast.Div | ast.MatMult | ast.Pow):
        yield _binary(node.right, node.op, node.left)


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
        yield _binary(node.left, pairs[type(node.op)](), node.right)


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
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and _int(node) is None:
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
    yield _binary(ast.Constant(2), ast.Mult(), node)
    product = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.MatMult | ast.Div)
    if not product and not _is_symmetric(node):  # of products, `sign` does this
        yield ast.UnaryOp(ast.USub(), copy.deepcopy(node))


def power(node: ast.AST, _: Context) -> Iterator[ast.AST]:
    """A missing square or root, or one too many: x**2 -> x, sqrt(x) -> x, x**2 -> x**3."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        yield copy.deepcopy(node.left)
        if (exponent := _int(node.right)) is not None:
            yield _binary(node.left, ast.Pow(), ast.Constant(exponent + 1))


def drop_call(node: ast.AST, context: Context) -> Iterator[ast.AST]:
    """sqrt(x), exp(x), sort(x), stop_gradient(x) ... -> x; phi(x) -> x and phi(phi(x)), where phi is an argument."""
    if not isinstance(node, ast.Call):
        return
    given = isinstance(node.func, ast.Name) and node.func.id in context.parameters and len(node.args) == 1
    operand = _operand(node) if given or called(node) in _DROPPED_CALLS else None
    if operand is not None:
        yield copy.deepcopy(operand)
    if operand is not None and given:
        yield ast.Call(copy.deepcopy(node.func), [copy.deepcopy(node)], [])


def number(node: ast.AST, context: Context) -> Iterator[ast.AST]:
    """A number that is off: 2.0 -> 3.0 and 1.0, 0.5 -> 1.5; whole numbers by one."""
    if not isinstance(node, ast.Constant) or type(node.value) not in (int, float) or _is_eps(node):
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


# --------------------------------------------------------------------------------------------------- arrays and axes


def transpose(node: ast.AST, _: Context) -> Iterator[ast.AST]:
    """A transpose lost or added in a product."""
    if isinstance(node, ast.Attribute) and node.attr in ("T", "mT"):
        yield copy.deepcopy(node.value)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        if (flipped := _flipped(node.left)) is not None:
            yield _binary(flipped, ast.MatMult(), node.right)
        if (flipped := _flipped(node.right)) is not None:
            yield _binary(node.left, ast.MatMult(), flipped)


def _flipped(node: ast.expr) -> ast.expr | None:
    if isinstance(node, ast.Attribute) and node.attr in ("T", "mT"):
        return None  # losing it is a mutant of its own
    if (
        isinstance(node, ast.Subscript)
        and isinstance(node.slice, ast.Tuple)
        and any(_int(e) is not None for e in node.slice.elts)
    ):
        return None  # a column is a vector, and a vector its own transpose
    return ast.Attribute(copy.deepcopy(node), "T", ast.Load())


def axis(node: ast.AST, _: Context) -> Iterator[ast.AST]:
    """axis=0 for 1 and back, no axis at all, keepdims lost; in_axes and argnums too."""
    if not isinstance(node, ast.Call):
        return
    for i, keyword in enumerate(node.keywords):
        if keyword.arg in ("axis", "in_axes", "out_axes", "argnums") and (value := _int(keyword.value)) is not None:
            yield _with_keyword(node, i, _plus(ast.Constant(0), 1 if value in (0, -2) else 0))
        if keyword.arg in ("axis", "keepdims"):
            yield _with_keyword(node, i, None)


def _with_keyword(node: ast.Call, at: int, value: ast.expr | None) -> ast.Call:
    new = copy.deepcopy(node)
    if value is None:
        del new.keywords[at]
    else:
        new.keywords[at].value = value
    return new


def reduction(node: ast.AST, _: Context) -> Iterator[ast.AST]:
    """mean for sum, min for max, var for std, cos for sin ... : the neighbour in the library."""
    if isinstance(node, ast.Call) and called(node) in _SWAPPED_CALLS:
        yield _renamed(node, _SWAPPED_CALLS[called(node)])


def scan_direction(node: ast.AST, _: Context) -> Iterator[ast.AST]:
    """Order of traversal: x[::-1] -> x, reversed(x) -> x (by drop_call), a loop backwards."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice) and node.slice.step is not None:
        if _int(node.slice.step) == -1:
            yield copy.deepcopy(node.value)
    elif isinstance(node, ast.Call) and called(node) == "range":
        yield ast.Call(ast.Name("reversed", ast.Load()), [copy.deepcopy(node)], [])


def outer_product(node: ast.AST, _: Context) -> Iterator[ast.AST]:
    """Broadcasting along the wrong axis: x[:, None] -> x, x[None, :] and back; outer(a, b) -> a * b."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple):
        kinds = [isinstance(e, ast.Constant) and e.value is None for e in node.slice.elts]
        if any(kinds) and all(k or _is_full(e) for k, e in zip(kinds, node.slice.elts, strict=True)):
            yield copy.deepcopy(node.value)
            new = copy.deepcopy(node)
            new.slice.elts.reverse()
            yield new
    elif isinstance(node, ast.Call) and called(node) == "outer" and len(node.args) == 2:
        yield _binary(node.args[0], ast.Mult(), node.args[1])


def _is_full(node: ast.AST) -> bool:
    return isinstance(node, ast.Slice) and node.lower is None and node.upper is None and node.step is None


def slice_bound(node: ast.AST, _: Context) -> Iterator[ast.AST]:
    """Slices and indices that are off by one, or lost: x[1:] -> x[2:], x; x[i] -> x[i - 1]."""
    if not isinstance(node, ast.Subscript):
        return
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    for i, part in enumerate(parts):
        for new_part in _moved(part):
            if isinstance(node.slice, ast.Tuple) and _int(part) == 0 and _int(new_part) == -1:
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
            if bound is None or (_int(bound) is not None and (_int(bound) < 0) != (_int(bound) + step < 0)):
                continue
            new = copy.deepcopy(part)
            setattr(new, name, _plus(bound, step))
            yield new
        if part.lower is not None or part.upper is not None:
            yield ast.Slice(None, None, copy.deepcopy(part.step))
    elif _int(part) is not None:
        yield _plus(part, 1)
        yield _plus(part, -1)
    elif isinstance(part, ast.Name | ast.BinOp):
        yield _plus(part, -1)


def loop_bound(node: ast.AST, _: Context) -> Iterator[ast.AST]:
    """range, linspace, arange, split and zeros that are one too long or too short."""
    if called(node) in ("range", "arange", "linspace", "split", "hermegauss", "eye", "len") and isinstance(node, ast.Call):
        if called(node) == "len":
            yield _plus(copy.deepcopy(node), -1)
            return
        for i, arg in enumerate(node.args):
            if isinstance(arg, ast.Starred) or (called(node) == "split" and i == 0):
                continue
            for step in (1, -1):
                new = copy.deepcopy(node)
                new.args[i] = _plus(arg, step)
                yield new


# ------------------------------------------------------------------------------------------- names, calls, conditions


def other_name(node: ast.AST, context: Context) -> Iterator[ast.AST]:
    """The neighbour for a name: fan_out for fan_in, b for W, z for h."""
    if not (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)):
        return
    parent = context.parents.get(id(node))
    if called(parent) == "len":
        return  # arguments that go together are as long as each other
    for name in context.siblings.get(node.id, ()):
        yield ast.Name(name, ast.Load())


def swap_arguments(node: ast.AST, _: Context) -> Iterator[ast.AST]:
    """f(a, b) -> f(b, a), and where(c, a, b) -> where(c, b, a)."""
    if isinstance(node, ast.Call) and called(node) not in _COMMUTATIVE:
        for i in range(len(node.args) - 1):
            if not any(isinstance(a, ast.Starred) for a in node.args[i : i + 2]):
                new = copy.deepcopy(node)
                new.args[i], new.args[i + 1] = new.args[i + 1], new.args[i]
                yield new


def drop_keyword(node: ast.AST, _: Context) -> Iterator[ast.AST]:
    """A keyword argument is forgotten."""
    if isinstance(node, ast.Call):
        for i, keyword in enumerate(node.keywords):
            if keyword.arg and keyword.arg not in _IDLE_KEYWORDS and keyword.arg not in ("axis", "keepdims"):
                yield _with_keyword(node, i, None)


def reuse_key(node: ast.AST, context: Context) -> Iterator[ast.AST]:
    """A PRNG key is used twice: fold_in(key, i) -> key, and any other key for this one."""
    if isinstance(node, ast.Call) and called(node) == "fold_in" and node.args:
        yield copy.deepcopy(node.args[0])
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in context.key_names:
        parent = context.parents.get(id(node))
        if isinstance(parent, ast.Call) and called(parent) != "split":
            for name in context.key_names:
                if name != node.id and name not in context.siblings.get(node.id, ()):
                    yield ast.Name(name, ast.Load())


def eps_place(node: ast.AST, _: Context) -> Iterator[ast.AST]:
    """sqrt(x + eps) -> sqrt(x) + eps, a / (b + eps) -> a / b + eps; and both without it."""
    if isinstance(node, ast.Call) and called(node) in ("sqrt", "log", "rsqrt") and node.args and _guarded(node.args[0]):
        new, inner = copy.deepcopy(node), node.args[0]
        new.args[0] = copy.deepcopy(inner.left)
        yield ast.BinOp(new, ast.Add(), copy.deepcopy(inner.right))
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and _guarded(node.right):
        yield ast.BinOp(_binary(node.left, ast.Div(), node.right.left), ast.Add(), copy.deepcopy(node.right.right))


def _guarded(node: ast.AST) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and _is_eps(node.right)


def _is_eps(node: ast.AST) -> bool:
    if isinstance(node, ast.Name):
        return node.id in ("eps", "epsilon")
    return isinstance(node, ast.Constant) and isinstance(node.value, float) and 0 < node.value < _EPS


def comparison(node: ast.AST, _: Context) -> Iterator[ast.AST]:
    """< for <=, the other direction, == for !=."""
    others = {
        ast.Lt: (ast.LtE, ast.Gt), ast.LtE: (ast.Lt, ast.GtE), ast.Gt: (ast.GtE, ast.Lt), ast.GtE: (ast.Gt, ast.LtE),
        ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,), ast.In: (ast.NotIn,),
        ast.NotIn: (ast.In,),
    }  # fmt: skip
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for i, op in enumerate(others.get(type(node.ops[0]), ())):
            if i == 0 and _is_real(node.comparators[0]) and not isinstance(node.ops[0], ast.Eq | ast.NotEq):
                continue  # nobody meets a real threshold exactly
            new = copy.deepcopy(node)
            new.ops = [op()]
            yield new


def _is_real(node: ast.AST) -> bool:
    """Whether a threshold is a real number other than zero, or computed with one."""
    return any(isinstance(n, ast.Constant) and isinstance(n.value, float) and n.value for n in ast.walk(node))


def condition(node: ast.AST, context: Context) -> Iterator[ast.AST]:
    """A branch always or never taken; `and` for `or`."""
    if isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), copy.deepcopy(node.values))
    elif isinstance(node, ast.IfExp):
        yield copy.deepcopy(node.body)
        yield copy.deepcopy(node.orelse)
    elif isinstance(node, ast.expr) and _is_part(node, ast.If, "test", context):
        yield ast.Constant(True)
        yield ast.Constant(False)


# -------------------------------------------------------------------------------------------- statements, precision


def drop_statement(node: ast.AST, context: Context) -> Iterator[ast.AST]:
    """A statement forgotten: an update of something that has a value already, or a call for its effect."""
    for_effect = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    update = isinstance(node, ast.Assign) and _bound_before(node, context)
    if for_effect or update or isinstance(node, ast.AugAssign | ast.Break | ast.Continue):
        yield ast.Pass()


def overwrite(node: ast.AST, _: Context) -> Iterator[ast.AST]:
    """a += b overwrites, or takes away."""
    if isinstance(node, ast.AugAssign):
        yield ast.Assign([copy.deepcopy(node.target)], copy.deepcopy(node.value))
        opposite = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}.get(type(node.op))
        if opposite is not None:
            yield ast.AugAssign(copy.deepcopy(node.target), opposite(), copy.deepcopy(node.value))


def _bound_before(node: ast.Assign, context: Context) -> bool:
    """Whether every name that is assigned has been bound above, in the same function."""
    names = {n.id for t in node.targets for n in ast.walk(t) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    function = context.parents.get(id(node))
    while function is not None and not isinstance(function, ast.FunctionDef):
        function = context.parents.get(id(function))
    if function is None or not names:
        return False
    earlier = {a.arg for a in (*function.args.posonlyargs, *function.args.args)}
    for other in ast.walk(function):
        if isinstance(other, ast.Name) and isinstance(other.ctx, ast.Store) and other.lineno < node.lineno:
            earlier.add(other.id)
    return names <= earlier


def loop_part(node: ast.AST, context: Context) -> Iterator[ast.AST]:
    """A loop that does not run, or leaves out its first or last turn."""
    if isinstance(node, ast.expr) and _is_part(node, ast.For | ast.comprehension, "iter", context):
        everything = ast.Call(ast.Name("list", ast.Load()), [copy.deepcopy(node)], [])
        for lower, upper in ((1, None), (None, -1), (None, 0)):
            bounds = ast.Slice(*(None if b is None else _plus(ast.Constant(0), b) for b in (lower, upper)))
            yield ast.Subscript(copy.deepcopy(everything), bounds, ast.Load())


def _is_part(node: ast.AST, kind: type, field_name: str, context: Context) -> bool:
    parent = context.parents.get(id(node))
    return isinstance(parent, kind) and getattr(parent, field_name) is node


_THROUGH_BFLOAT16 = ast.parse("(lambda a: a.astype(jnp.bfloat16).astype(a.dtype))", mode="eval").body


def precision(node: ast.AST, context: Context) -> Iterator[ast.AST]:
    """Low precision on the way: what is assigned or returned passes through bfloat16 (8 bits). A lost `astype`.

    float32 for float64 is no mutant: it is an accepted style, and tolerances leave room for it.
    """
    if isinstance(node, ast.Attribute) and node.attr == "float64":
        yield ast.Attribute(ast.Name("jnp", ast.Load()), "bfloat16", ast.Load())
    elif isinstance(node, ast.BinOp) and isinstance(context.parents.get(id(node)), ast.Assign | ast.Return):
        yield ast.Call(copy.deepcopy(_THROUGH_BFLOAT16), [copy.deepcopy(node)], [])
    elif isinstance(node, ast.Call) and called(node) == "astype" and _is_method(node):
        yield copy.deepcopy(node.func.value)


OPERATORS: dict[str, Operator] = {
    fn.__name__.replace("_", "-"): fn
    for fn in (
        swap_operands, other_operator, drop_term, drop_factor, sign, scale, power, drop_call, number, transpose, axis, reduction,
        scan_direction, outer_product, slice_bound, loop_bound, other_name, swap_arguments, drop_keyword, reuse_key, eps_place,
        comparison, condition, drop_statement, overwrite, loop_part, precision,
    )
}  # fmt: skip
