"""The empirical Fisher: the gradient times its product with v.

question: hvp
fails: TestHvp::test_quadratic_form
kind: usual
"""

import jax
import jax.numpy as jnp


def hessian_vector(loss, params, vector):
    g = jax.grad(loss)(params)
    total = sum(jnp.sum(a * b) for a, b in zip(jax.tree.leaves(g), jax.tree.leaves(vector), strict=True))
    return jax.tree.map(lambda a: total * a, g)
