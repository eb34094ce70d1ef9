"""Quantiles at a hundred levels: an integral that is not exact.

question: wasserstein
kind: subtle
fails: TestWasserstein::test_the_first_distance
fails: TestWasserstein::test_other_powers
"""

import jax.numpy as jnp


def wasserstein_1d(x, mu, y, nu, p):
    levels = (jnp.arange(100) + 0.5) / 100

    def quantile(points, mass):
        order = jnp.argsort(points)
        at = jnp.searchsorted(jnp.cumsum(mass[order]), levels)
        return points[order][jnp.clip(at, 0, len(points) - 1)]

    return jnp.mean(jnp.abs(quantile(x, mu) - quantile(y, nu)) ** p) ** (1 / p)
