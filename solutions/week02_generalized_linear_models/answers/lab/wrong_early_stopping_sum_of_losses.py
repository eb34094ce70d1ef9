"""The step belongs to the sum of the squares, not to their mean.

question: early_stopping
fails: TestEarlyStopping::test_a_few_steps
kind: usual
"""

import jax.numpy as jnp


def early_stopped(X, y, eta, steps):
    U, s, Vt = jnp.linalg.svd(X, full_matrices=False)
    rate = eta * s**2
    share = 1 - (1 - rate) ** steps
    return Vt.T @ (jnp.where(s > 1e-12 * s[0], share / jnp.where(s > 0, s, 1.0), 0.0) * (U.T @ y))
