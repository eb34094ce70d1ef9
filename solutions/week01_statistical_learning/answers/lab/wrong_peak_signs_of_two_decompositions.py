"""U and V come from two eigendecompositions, whose signs do not match.

question: peak
fails: TestPeak::test_modes
kind: usual
"""

import jax.numpy as jnp


def error_modes(X, residuals, X_test, w_star):
    n, p = X.shape
    r = min(n, p)
    V = jnp.linalg.eigh(X.T @ X)[1][:, ::-1][:, :r]
    U = jnp.linalg.eigh(X @ X.T)[1][:, ::-1][:, :r]
    s = jnp.linalg.svd(X, compute_uv=False)
    modes = (X_test @ V) * (residuals @ U) / s
    return ((X_test @ V) @ V.T - X_test) @ w_star, modes
