"""The sums over the rows of the Hessian, times the vector.

question: hvp
fails: TestHvp::test_quadratic_form
kind: usual
"""

import jax
import jax.numpy as jnp


def hessian_vector(loss, params, vector):
    ones = jax.tree.map(jnp.ones_like, params)
    total = jax.jvp(jax.grad(loss), (params,), (ones,))[1]
    return jax.tree.map(lambda h, v: h * v, total, vector)
