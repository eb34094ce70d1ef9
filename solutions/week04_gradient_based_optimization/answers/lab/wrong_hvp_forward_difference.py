"""A forward difference of gradients.

question: hvp
fails: TestHvp::test_logistic_regression
kind: subtle
"""

import jax


def hessian_vector(loss, params, vector):
    h = 1e-3
    ahead = jax.tree.map(lambda p, v: p + h * v, params, vector)
    return jax.tree.map(lambda a, b: (a - b) / h, jax.grad(loss)(ahead), jax.grad(loss)(params))
