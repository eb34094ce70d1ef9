"""The blind term is truth minus prediction.

question: peak
fails: TestPeak::test_blind_term
kind: usual
"""

import jax.numpy as jnp


def error_modes(X, residuals, X_test, w_star):
    U, s, Vt = jnp.linalg.svd(X, full_matrices=False)
    coordinates = X_test @ Vt.T
    return X_test @ w_star - coordinates @ (Vt @ w_star), coordinates * (U.T @ residuals) / s
