"""Mutation operators of names, calls, conditions, statements and precision."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator

from autograder.verify.syntax import Context, binary, called, is_eps, is_method, is_part, plus, with_keyword

# Keywords whose loss no test can see: they check or document, or name the default of the whole ecosystem.
_IDLE_KEYWORDS = frozenset({"strict", "kind", "dtype", "why", "optimize", "precision", "stable", "length", "desc", "shape"})
_COMMUTATIVE = frozenset(
    {"maximum", "minimum", "logaddexp", "add", "multiply", "hypot", "dot", "vdot", "inner", "isclose", "max", "min"}
    | {"apply_updates"}  # optax: a sum of two pytrees
)


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
                yield with_keyword(node, i, None)


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
        yield ast.BinOp(binary(node.left, ast.Div(), node.right.left), ast.Add(), copy.deepcopy(node.right.right))


def _guarded(node: ast.AST) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and is_eps(node.right)


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
    elif isinstance(node, ast.expr) and is_part(node, ast.If, "test", context):
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
    if isinstance(node, ast.expr) and is_part(node, ast.For | ast.comprehension, "iter", context):
        everything = ast.Call(ast.Name("list", ast.Load()), [copy.deepcopy(node)], [])
        for lower, upper in ((1, None), (None, -1), (None, 0)):
            bounds = ast.Slice(*(None if b is None else plus(ast.Constant(0), b) for b in (lower, upper)))
            yield ast.Subscript(copy.deepcopy(everything), bounds, ast.Load())


_THROUGH_BFLOAT16 = ast.parse("(lambda a: a.astype(jnp.bfloat16).astype(a.dtype))", mode="eval").body


def precision(node: ast.AST, context: Context) -> Iterator[ast.AST]:
    """Low precision on the way: what is assigned or returned passes through bfloat16 (8 bits). A lost `astype`.

    float32 for float64 is no mutant: it is an accepted style, and tolerances leave room for it.
    """
    if isinstance(node, ast.Attribute) and node.attr == "float64":
        yield ast.Attribute(ast.Name("jnp", ast.Load()), "bfloat16", ast.Load())
    elif isinstance(node, ast.BinOp) and isinstance(context.parents.get(id(node)), ast.Assign | ast.Return):
        yield ast.Call(copy.deepcopy(_THROUGH_BFLOAT16), [copy.deepcopy(node)], [])
    elif isinstance(node, ast.Call) and called(node) == "astype" and is_method(node):
        yield copy.deepcopy(node.func.value)
