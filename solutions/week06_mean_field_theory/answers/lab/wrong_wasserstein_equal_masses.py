"""Sorted points paired one to one, as if all masses were equal.

question: wasserstein
kind: usual
fails: TestWasserstein::test_other_powers
fails: TestWasserstein::test_the_first_distance
"""

import jax.numpy as jnp


def wasserstein_1d(x, mu, y, nu, p):
    levels = (jnp.arange(1000) + 0.5) / 1000
    pick = lambda points: jnp.sort(points)[(levels * len(points)).astype(int)]
    return jnp.mean(jnp.abs(pick(x) - pick(y)) ** p) ** (1 / p)
