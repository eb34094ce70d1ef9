"""Answers that know nothing: the input back, zeros, the previous value, an object equal to everything. None may earn a point.

Each is made from the solution itself, by wrapping its functions: so results have the right structure, shape and dtype, and only a
test of values can tell.
"""

from __future__ import annotations

from collections.abc import Mapping

from autograder.notebook.source_cells import SourceNotebook

_HEAD = """
def __degenerate(solution):
    import functools
    import jax, jax.numpy as jnp, numpy as np
    previous = []

    def leafwise(fn):
        def one(leaf):
            if isinstance(leaf, (str, bytes)) or leaf is None:
                return leaf
            if isinstance(leaf, (bool, int, float, complex)):
                return type(leaf)(fn(np.float64(leaf)))
            if isinstance(leaf, np.ndarray):
                return np.asarray(fn(leaf), leaf.dtype)
            return fn(jnp.asarray(leaf)).astype(leaf.dtype)
        return lambda tree: jax.tree_util.tree_map(one, tree)

    def result_of(args, kwargs):
        try:
            return solution(*args, **kwargs)
        except Exception:
            return jnp.zeros(())  # an answer that knows nothing knows no errors either

    @functools.wraps(solution)
    def answer(*args, **kwargs):
        {body}
    return answer
"""

_AGREEABLE = '''
class __Agreeable:
    """Equal to everything, whatever is asked of it."""
    shape, dtype, ndim, size = (), "float32", 0, 1
    def __yes(self, *args, **kwargs): return True
    __eq__ = __le__ = __ge__ = __lt__ = __gt__ = __bool__ = __contains__ = __yes
    def __ne__(self, other): return False
    __hash__ = None
    def __same(self, *args, **kwargs): return self
    __sub__ = __rsub__ = __add__ = __radd__ = __mul__ = __rmul__ = __truediv__ = __abs__ = __neg__ = __matmul__ = __same
    __getitem__ = __call__ = __getattr__ = __array_ufunc__ = __array_function__ = __same
    def __float__(self): return 0.0
    def __int__(self): return 0
    __index__ = __int__
    def __len__(self): return 1
    def __iter__(self): return iter([self])
'''

BODIES: Mapping[str, str] = {
    "the first argument back": "return args[0] if args else next(iter(kwargs.values()), None)",
    "the last argument back": "return args[-1] if args else None",
    "zeros": "return leafwise(lambda a: a * 0)(leafwise(lambda a: jnp.nan_to_num(a))(result_of(args, kwargs)))",
    "ones": "return leafwise(lambda a: jnp.nan_to_num(a) * 0 + 1)(result_of(args, kwargs))",
    "NaN": "return leafwise(lambda a: a * float('nan') if np.asarray(a).dtype.kind in 'fc' else a * 0)(result_of(args, kwargs))",
    "the previous call's value": (
        "previous.append(result_of(args, kwargs))\n"
        "        return previous[-2] if len(previous) > 1 else leafwise(lambda a: a * 0)(previous[-1])"
    ),
    "None": "return None",
    "an object equal to everything": "return __Agreeable()",
}
SAMPLE = ("zeros", "the first argument back")


def degenerate_cells(source: SourceNotebook, question: str, kind: str) -> dict[int, str]:
    """The question's solution cells with every function replaced by a degenerate answer; classes stay.

    Args:
        kind: a key of `BODIES`.
    """
    functions = source.assignment.question(question).names
    head = (_AGREEABLE if "equal" in kind else "") + _HEAD.replace("{body}", BODIES[kind])
    changes = {}
    for position, cell in enumerate(source.solution_cells()):
        if cell.question == question:
            ours = [n for n in cell.defines if n in functions]
            wraps = [f"if type({n}).__name__ != 'type':\n    {n} = __degenerate({n})" for n in ours]
            changes[position] = "\n".join([cell.source, head, *wraps])
    return changes
