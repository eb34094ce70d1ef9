"""The hat matrix of ridge regression without an intercept.

question: loo
fails: TestLoo::test_hat_matrix
kind: usual
"""

import jax.numpy as jnp


def hat_matrix(X, lam):
    return X @ jnp.linalg.solve(X.T @ X + lam * jnp.eye(X.shape[1]), X.T)


def loo_residuals(X, y, lam):
    H = hat_matrix(X, lam)
    return (y - H @ y) / (1.0 - jnp.diag(H))
