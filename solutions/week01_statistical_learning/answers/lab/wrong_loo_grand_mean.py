"""Inputs are centred by the mean of all entries.

question: loo
fails: TestLoo::test_hat_matrix
kind: usual
"""

import jax.numpy as jnp


def hat_matrix(X, lam):
    n, p = X.shape
    c = X - X.mean()
    return 1.0 / n + c @ jnp.linalg.solve(c.T @ c + lam * jnp.eye(p), c.T)


def loo_residuals(X, y, lam):
    H = hat_matrix(X, lam)
    return (y - H @ y) / (1.0 - jnp.diag(H))
