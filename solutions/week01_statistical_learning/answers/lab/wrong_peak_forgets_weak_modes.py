"""Singular values below a hundredth of the largest are treated as zeros: the modes that make the peak.

question: peak
fails: TestPeak::test_modes
kind: subtle
"""

import jax.numpy as jnp


def error_modes(X, residuals, X_test, w_star):
    U, s, Vt = jnp.linalg.svd(X, full_matrices=False)
    coordinates = X_test @ Vt.T
    blind = coordinates @ (Vt @ w_star) - X_test @ w_star
    return blind, jnp.where(s > 0.01 * s[0], coordinates * (U.T @ residuals) / s, 0.0)
