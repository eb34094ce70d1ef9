"""Entrywise product of gradient and vector.

question: hvp
fails: TestHvp::test_quadratic_form
kind: usual
"""

import jax


def hessian_vector(loss, params, vector):
    return jax.tree.map(lambda g, v: g * v, jax.grad(loss)(params), vector)
