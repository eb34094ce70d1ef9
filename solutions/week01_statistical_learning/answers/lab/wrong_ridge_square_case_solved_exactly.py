"""For n = p the system X W = Y is solved, without lambda.

question: ridge
fails: TestRidge::test_square_for_weak_and_strong_ridge
kind: subtle
"""

import jax.numpy as jnp


def ridge(X, Y, lam):
    n, p = X.shape
    if p == n:
        return jnp.linalg.solve(X, Y)
    if p < n:
        return jnp.linalg.solve(X.T @ X + lam * jnp.eye(p), X.T @ Y)
    return X.T @ jnp.linalg.solve(X @ X.T + lam * jnp.eye(n), Y)
