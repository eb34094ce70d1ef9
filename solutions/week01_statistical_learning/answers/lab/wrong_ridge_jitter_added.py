"""A jitter of 1e-6 is added to lambda for stability.

question: ridge
fails: TestRidge::test_square_for_weak_and_strong_ridge
kind: subtle
"""

import jax.numpy as jnp


def ridge(X, Y, lam):
    n, p = X.shape
    lam = lam + 1e-6
    if p <= n:
        return jnp.linalg.solve(X.T @ X + lam * jnp.eye(p), X.T @ Y)
    return X.T @ jnp.linalg.solve(X @ X.T + lam * jnp.eye(n), Y)
