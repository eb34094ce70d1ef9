"""Least squares of smallest norm: lambda is not used.

question: ridge
fails: TestRidge::test_more_examples_than_weights
kind: usual
"""

import jax.numpy as jnp


def ridge(X, Y, lam):
    return jnp.linalg.pinv(X) @ Y
