"""The second form for p > n forgets the centring.

question: loo
fails: TestLoo::test_hat_matrix
kind: usual
"""

import jax.numpy as jnp


def hat_matrix(X, lam):
    n, p = X.shape
    if p > n:
        K = X @ X.T
        return 1.0 / n + K @ jnp.linalg.inv(K + lam * jnp.eye(n))
    c = X - X.mean(axis=0)
    return 1.0 / n + c @ jnp.linalg.solve(c.T @ c + lam * jnp.eye(p), c.T)


def loo_residuals(X, y, lam):
    H = hat_matrix(X, lam)
    return (y - H @ y) / (1.0 - jnp.diag(H))
