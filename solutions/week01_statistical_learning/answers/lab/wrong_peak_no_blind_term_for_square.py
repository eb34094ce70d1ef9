"""What lies outside the span of the training inputs is projected on the wrong side: residuals enter the blind term.

question: peak
fails: TestPeak::test_blind_term
kind: subtle
"""

import jax.numpy as jnp


def error_modes(X, residuals, X_test, w_star):
    U, s, Vt = jnp.linalg.svd(X, full_matrices=False)
    coordinates = X_test @ Vt.T
    return (coordinates / s) @ (U.T @ (X @ w_star + residuals)) - X_test @ w_star, coordinates * (U.T @ residuals) / s
