"""Places are pushed apart by 1e-4 times their number, to break ties.

question: wasserstein
kind: subtle
fails: TestWasserstein::test_repeated_points_and_single_ones
"""

import jax.numpy as jnp


def wasserstein_1d(x, mu, y, nu, p):
    x = x + 1e-6 * jnp.arange(len(x))
    y = y + 1e-6 * jnp.arange(len(y))
    return jnp.sum(monotone_plan(x, mu, y, nu) * jnp.abs(x[:, None] - y) ** p) ** (1 / p)
