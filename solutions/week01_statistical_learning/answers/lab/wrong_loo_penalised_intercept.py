"""A column of ones is added and penalised like every other.

question: loo
fails: TestLoo::test_hat_matrix
kind: usual
"""

import jax.numpy as jnp


def hat_matrix(X, lam):
    A = jnp.concatenate([jnp.ones((len(X), 1)), X], axis=1)
    return A @ jnp.linalg.solve(A.T @ A + lam * jnp.eye(A.shape[1]), A.T)


def loo_residuals(X, y, lam):
    H = hat_matrix(X, lam)
    return (y - H @ y) / (1.0 - jnp.diag(H))
