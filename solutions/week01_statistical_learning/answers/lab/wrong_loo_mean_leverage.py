"""Every residual is divided by the mean of 1 - H_ii, as in generalized cross-validation.

question: loo
fails: TestLoo::test_residuals_of_real_refits
kind: subtle
"""

import jax.numpy as jnp


def loo_residuals(X, y, lam):
    centred = X - X.mean(axis=0)
    H = centred @ jnp.linalg.solve(centred.T @ centred + lam * jnp.eye(X.shape[1]), centred.T)
    H = H + 1.0 / len(X)
    return (y - H @ y) / (1.0 - jnp.mean(jnp.diag(H)))
