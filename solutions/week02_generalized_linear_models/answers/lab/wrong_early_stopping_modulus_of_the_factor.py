"""The power by e^(T log|1 - rate|): the sign is lost.

question: early_stopping
fails: TestEarlyStopping::test_large_steps_overshoot
kind: usual
"""

import jax.numpy as jnp


def early_stopped(X, y, eta, steps):
    U, s, Vt = jnp.linalg.svd(X, full_matrices=False)
    rate = eta * s**2 / len(X)
    share = 1 - jnp.exp(steps * jnp.log(jnp.abs(1 - rate)))
    return Vt.T @ (jnp.where(s > 1e-12 * s[0], share / jnp.where(s > 0, s, 1.0), 0.0) * (U.T @ y))
