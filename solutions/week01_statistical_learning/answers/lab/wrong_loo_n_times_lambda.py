"""lambda is multiplied by n.

question: loo
fails: TestLoo::test_hat_matrix
kind: usual
"""

import jax.numpy as jnp


def hat_matrix(X, lam):
    centred = X - X.mean(axis=0)
    n, p = X.shape
    return 1.0 / n + centred @ jnp.linalg.solve(centred.T @ centred + n * lam * jnp.eye(p), centred.T)


def loo_residuals(X, y, lam):
    H = hat_matrix(X, lam)
    return (y - H @ y) / (1.0 - jnp.diag(H))
