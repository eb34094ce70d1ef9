"""The gradient flow at time eta T: its filter is 1 - e^(-t s^2).

question: early_stopping
fails: TestEarlyStopping::test_a_few_steps
kind: usual
"""

import jax.numpy as jnp


def early_stopped(X, y, eta, steps):
    U, s, Vt = jnp.linalg.svd(X, full_matrices=False)
    rate = eta * s**2 / len(X)
    share = 1 - jnp.exp(-steps * rate)
    return Vt.T @ (jnp.where(s > 1e-12 * s[0], share / jnp.where(s > 0, s, 1.0), 0.0) * (U.T @ y))
