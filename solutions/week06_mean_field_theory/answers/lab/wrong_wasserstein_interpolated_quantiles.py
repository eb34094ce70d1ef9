"""Quantile functions interpolated linearly between the points.

question: wasserstein
kind: subtle
fails: TestWasserstein::test_the_first_distance
fails: TestWasserstein::test_other_powers
"""

import jax.numpy as jnp


def wasserstein_1d(x, mu, y, nu, p):
    levels = (jnp.arange(4000) + 0.5) / 4000

    def quantile(points, mass):
        order = jnp.argsort(points)
        middle = jnp.cumsum(mass[order]) - mass[order] / 2
        return jnp.interp(levels, middle, points[order])

    return jnp.mean(jnp.abs(quantile(x, mu) - quantile(y, nu)) ** p) ** (1 / p)
