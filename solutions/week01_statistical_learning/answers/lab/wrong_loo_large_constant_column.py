"""The intercept is a column of 100: penalised ten thousand times less.

question: loo
fails: TestLoo::test_hat_matrix
kind: usual
"""

import jax.numpy as jnp


def hat_matrix(X, lam):
    n, p = X.shape
    A = jnp.concatenate([1e4 * jnp.ones((n, 1)), X], axis=1)
    return A @ jnp.linalg.solve(A.T @ A + lam * jnp.eye(p + 1), A.T)


def loo_residuals(X, y, lam):
    H = hat_matrix(X, lam)
    return (y - H @ y) / (1.0 - jnp.diag(H))
