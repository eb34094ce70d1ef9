"""The squared error has a factor 1/2 and the penalty has not.

question: ridge
fails: TestRidge::test_square_for_weak_and_strong_ridge
kind: subtle
"""

import jax.numpy as jnp


def ridge(X, Y, lam):
    U, s, Vt = jnp.linalg.svd(X, full_matrices=False)
    return Vt.T @ ((s / (s**2 + 2 * lam))[:, None] * (U.T @ Y))
