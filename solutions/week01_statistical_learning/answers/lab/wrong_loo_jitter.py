"""lambda gets 1e-4 added.

question: loo
fails: TestLoo::test_residuals_for_weak_and_strong_ridge
kind: subtle
"""

import jax.numpy as jnp


def hat_matrix(X, lam):
    n, p = X.shape
    c = X - X.mean(axis=0)
    return 1.0 / n + c @ jnp.linalg.solve(c.T @ c + (lam + 1e-4) * jnp.eye(p), c.T)


def loo_residuals(X, y, lam):
    H = hat_matrix(X, lam)
    return (y - H @ y) / (1.0 - jnp.diag(H))
