"""Prediction minus target.

question: loo
fails: TestLoo::test_residuals_of_real_refits
kind: usual
"""

import jax.numpy as jnp


def loo_residuals(X, y, lam):
    centred = X - X.mean(axis=0)
    H = centred @ jnp.linalg.solve(centred.T @ centred + lam * jnp.eye(X.shape[1]), centred.T)
    H = H + 1.0 / len(X)
    return (H @ y - y) / (1.0 - jnp.diag(H))
