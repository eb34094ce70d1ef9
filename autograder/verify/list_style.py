"""A right answer in the style of lists: every array that a function returns is a nested list of Python numbers instead.

One rule holds for all suites and public checks: a (nested) list of numbers is an array (docs/authoring.md). This style holds
them to it. What must be differentiated or compiled by the test is excused by itself: inside a transformation values are
tracers, which stay as they are.
"""

from __future__ import annotations

from autograder.notebook.source_cells import SourceNotebook

# A function that another one of the notebook calls returns what it always did: only the caller outside, a test, gets lists. An
# array with more entries than a reply may have items stays an array. What a function returned, the same function takes back (a
# state that goes from call to call); of another function that cannot be asked.
_WRAPPER = """
def __in_lists(solution, depth=__depth):
    import functools
    import jax, numpy as np

    def listed(leaf):
        if isinstance(leaf, jax.Array) and jax.dtypes.issubdtype(leaf.dtype, jax.dtypes.prng_key):
            return leaf
        return leaf.tolist() if isinstance(leaf, (jax.Array, np.ndarray, np.generic)) and leaf.size <= 20000 else leaf

    def numbers(value):
        return isinstance(value, (int, float, complex)) or (isinstance(value, list) and all(map(numbers, value)))

    returned = []

    def remember(value):
        if isinstance(value, (list, tuple, dict)) and value:
            returned.append(value)
            del returned[:-200]
            for part in value.values() if isinstance(value, dict) else value:
                remember(part)

    def taken_back(value):
        if isinstance(value, list) and value and numbers(value):
            try:
                return jax.numpy.asarray(value) if value in returned else value
            except (TypeError, ValueError):  # ragged, or compared with something that holds arrays
                pass
        if type(value) in (list, tuple):
            return type(value)(map(taken_back, value))
        return {k: taken_back(v) for k, v in value.items()} if type(value) is dict else value

    @functools.wraps(solution)
    def answer(*args, **kwargs):
        depth[0] += 1
        try:
            try:
                result = solution(*args, **kwargs)
            except Exception:
                result = solution(*map(taken_back, args), **kwargs)
        finally:
            depth[0] -= 1
        leaves = jax.tree_util.tree_leaves(result)
        if depth[0] or any(isinstance(leaf, jax.core.Tracer) for leaf in leaves):
            return result
        result = jax.tree_util.tree_map(listed, result)
        remember(result)
        return result
    return answer
"""


def list_cells(source: SourceNotebook) -> dict[int, str]:
    """The notebook's solution cells with every function that a question asks for wrapped; classes stay as they are."""
    asked = {name for question in source.assignment.questions for name in question.names}
    changes = {}
    for position, cell in enumerate(source.solution_cells()):
        ours = [n for n in cell.defines if cell.question and n in asked]
        if ours:
            wraps = [f"if type({n}).__name__ == 'function':\n    {n} = __in_lists({n})" for n in ours]
            shared = "" if changes else "__depth = [0]\n"
            changes[position] = "\n".join([cell.source, shared + (_WRAPPER if not changes else ""), *wraps])
    return changes
