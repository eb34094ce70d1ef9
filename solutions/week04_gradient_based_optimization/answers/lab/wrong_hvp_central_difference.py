"""A central difference of gradients: five digits, at most.

question: hvp
fails: TestHvp::test_logistic_regression
kind: subtle
"""

import jax


def hessian_vector(loss, params, vector):
    h = 1e-2
    at = lambda s: jax.grad(loss)(jax.tree.map(lambda p, v: p + s * v, params, vector))
    return jax.tree.map(lambda a, b: (a - b) / (2 * h), at(h), at(-h))
