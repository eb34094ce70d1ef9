"""The textbook form for every shape: it needs a p x p matrix.

question: ridge
fails: TestRidge::test_two_hundred_thousand_on_either_side
kind: usual
"""

import jax.numpy as jnp


def ridge(X, Y, lam):
    return jnp.linalg.solve(X.T @ X + lam * jnp.eye(X.shape[1]), X.T @ Y)
