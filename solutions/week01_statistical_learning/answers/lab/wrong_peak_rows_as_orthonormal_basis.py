"""The projector is built from the normalised rows of X, as if they were orthogonal.

question: peak
fails: TestPeak::test_blind_term
kind: usual
"""

import jax.numpy as jnp


def error_modes(X, residuals, X_test, w_star):
    U, s, Vt = jnp.linalg.svd(X, full_matrices=False)
    n, p = X.shape
    modes = (X_test @ Vt.T) * (residuals @ U) / s
    rows = X / jnp.linalg.norm(X, axis=1, keepdims=True)
    blind = ((X_test @ rows.T) @ rows - X_test) @ w_star if p > n else jnp.zeros(len(X_test))
    return blind, modes
