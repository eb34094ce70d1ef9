"""Places are rounded to three decimals so that equal ones are equal.

question: wasserstein
kind: subtle
fails: TestWasserstein::test_repeated_points_and_single_ones
"""

import jax.numpy as jnp


def wasserstein_1d(x, mu, y, nu, p):
    x, y = jnp.round(x, 4), jnp.round(y, 4)
    return jnp.sum(monotone_plan(x, mu, y, nu) * jnp.abs(x[:, None] - y) ** p) ** (1 / p)
