"""The dual form for every shape: it needs an n x n matrix.

question: ridge
fails: TestRidge::test_two_hundred_thousand_on_either_side
kind: subtle
"""

import jax.numpy as jnp


def ridge(X, Y, lam):
    return X.T @ jnp.linalg.solve(X @ X.T + lam * jnp.eye(X.shape[0]), Y)
