"""Inputs are centred, but the share of the intercept, 1/n, is missing in H.

question: loo
fails: TestLoo::test_hat_matrix
kind: usual
"""

import jax.numpy as jnp


def hat_matrix(X, lam):
    centred = X - X.mean(axis=0)
    H = centred @ jnp.linalg.solve(centred.T @ centred + lam * jnp.eye(X.shape[1]), centred.T)
    return H


def loo_residuals(X, y, lam):
    H = hat_matrix(X, lam)
    return (y - y.mean() - H @ (y - y.mean())) / (1.0 - jnp.diag(H))
