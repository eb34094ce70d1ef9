"""Leaves where the vector is 0 are left out of the answer (0), as if they did not react.

question: hvp
fails: TestHvp::test_blocks_between_leaves
kind: subtle
"""

import jax
import jax.numpy as jnp


def hessian_vector(loss, params, vector):
    out = jax.jvp(jax.grad(loss), (params,), (vector,))[1]
    return jax.tree.map(lambda o, v: jnp.where(jnp.all(v == 0) & (jnp.ndim(v) > 0) & (o.size > 1), 0.0, o), out, vector)
