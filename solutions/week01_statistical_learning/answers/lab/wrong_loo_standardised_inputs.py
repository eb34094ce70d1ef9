"""Inputs are divided by their standard deviation, too.

question: loo
fails: TestLoo::test_hat_matrix
kind: subtle
"""

import jax.numpy as jnp


def hat_matrix(X, lam):
    Z = (X - X.mean(axis=0)) / X.std(axis=0)
    return 1.0 / len(X) + Z @ jnp.linalg.solve(Z.T @ Z + lam * jnp.eye(X.shape[1]), Z.T)


def loo_residuals(X, y, lam):
    H = hat_matrix(X, lam)
    return (y - H @ y) / (1.0 - jnp.diag(H))
