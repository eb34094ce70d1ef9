"""The residuals of the fit of all examples: nothing is left out.

question: loo
fails: TestLoo::test_residuals_of_real_refits
kind: usual
"""

import jax.numpy as jnp


def loo_residuals(X, y, lam):
    centred = X - X.mean(axis=0)
    H = centred @ jnp.linalg.solve(centred.T @ centred + lam * jnp.eye(X.shape[1]), centred.T)
    return y - (H + 1.0 / len(X)) @ y
