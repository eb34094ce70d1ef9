"""Blind only for p > n + 1 (off by one).

question: peak
fails: TestPeak::test_blind_term
kind: subtle
"""

import jax.numpy as jnp


def error_modes(X, residuals, X_test, w_star):
    n, p = X.shape
    U, s, Vt = jnp.linalg.svd(X, full_matrices=False)
    modes = (X_test @ Vt.T) * (residuals @ U) / s
    blind = ((X_test @ Vt.T) @ Vt - X_test) @ w_star
    return (blind if p > n + 1 or n == 1 else 0 * blind), modes
