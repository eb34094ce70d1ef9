"""1e-8 is added under the root, so that it has a slope at 0.

question: wasserstein
kind: subtle
fails: TestWasserstein::test_repeated_points_and_single_ones
"""

import jax.numpy as jnp


def wasserstein_1d(x, mu, y, nu, p):
    return (jnp.sum(monotone_plan(x, mu, y, nu) * jnp.abs(x[:, None] - y) ** p) + 1e-8) ** (1 / p)
