"""Directions that the data do not see give 0/0.

question: early_stopping
fails: TestEarlyStopping::test_columns_that_repeat
kind: usual
"""

import jax.numpy as jnp


def early_stopped(X, y, eta, steps):
    U, s, Vt = jnp.linalg.svd(X, full_matrices=False)
    rate = eta * s**2 / len(X)
    share = 1 - (1 - rate) ** steps
    return Vt.T @ ((share / jnp.where(jnp.abs(s) < 1e-12, 0.0, s)) * (U.T @ y))
