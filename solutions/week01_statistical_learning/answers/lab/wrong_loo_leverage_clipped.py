"""1 - H_ii is kept above 0.01, for stability.

question: loo
fails: TestLoo::test_residuals_of_real_refits
kind: subtle
"""

import jax.numpy as jnp


def loo_residuals(X, y, lam):
    n, p = X.shape
    c = X - X.mean(axis=0)
    H = 1.0 / n + c @ jnp.linalg.solve(c.T @ c + lam * jnp.eye(p), c.T)
    return (y - H @ y) / jnp.maximum(1.0 - jnp.diag(H), 1e-2)
