"""Modes of a ridge with a small lambda: no longer the minimum-norm solution.

question: peak
fails: TestPeak::test_modes
kind: subtle
"""

import jax.numpy as jnp


def error_modes(X, residuals, X_test, w_star):
    U, s, Vt = jnp.linalg.svd(X, full_matrices=False)
    coordinates = X_test @ Vt.T
    blind = coordinates @ (Vt @ w_star) - X_test @ w_star
    return blind, coordinates * (U.T @ residuals) * s / (s**2 + 1e-4)
