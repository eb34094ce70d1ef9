"""v^T H v in place of H v.

question: hvp
fails: TestHvp::test_quadratic_form
kind: usual
"""

import jax
import jax.numpy as jnp


def hessian_vector(loss, params, vector):
    image = jax.jvp(jax.grad(loss), (params,), (vector,))[1]
    total = sum(jnp.sum(a * b) for a, b in zip(jax.tree.leaves(image), jax.tree.leaves(vector), strict=True))
    return jax.tree.map(lambda v: total * jnp.ones_like(v), vector)
