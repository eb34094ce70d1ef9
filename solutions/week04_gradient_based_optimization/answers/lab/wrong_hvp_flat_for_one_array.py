"""A single array with two axes comes back flat.

question: hvp
fails: TestHvp::test_blocks_between_leaves
kind: subtle
"""

import jax
from jax.flatten_util import ravel_pytree


def hessian_vector(loss, params, vector):
    flat, form = ravel_pytree(params)
    v, _ = ravel_pytree(vector)
    out = jax.jvp(jax.grad(lambda w: loss(form(w))), (flat,), (v,))[1]
    return form(out) if isinstance(params, (dict, list, tuple)) else out
