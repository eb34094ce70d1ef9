"""The targets y in place of their residuals e: the modes are the prediction, not its error.

question: peak
fails: TestPeak::test_modes
kind: usual
"""

import jax.numpy as jnp


def error_modes(X, residuals, X_test, w_star):
    U, s, Vt = jnp.linalg.svd(X, full_matrices=False)
    coordinates = X_test @ Vt.T
    blind = coordinates @ (Vt @ w_star) - X_test @ w_star
    return blind, coordinates * (U.T @ (X @ w_star + residuals)) / s
