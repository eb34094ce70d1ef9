"""Entries of the plan below 1e-3 are set to 0, as noise.

question: wasserstein
kind: subtle
fails: TestWasserstein::test_repeated_points_and_single_ones
"""

import jax.numpy as jnp


def _whole(x, mu, y, nu):
    rows, columns = jnp.argsort(x), jnp.argsort(y)
    above, right = jnp.cumsum(mu[rows]), jnp.cumsum(nu[columns])
    below, left = above - mu[rows], right - nu[columns]
    common = jnp.minimum(above[:, None], right) - jnp.maximum(below[:, None], left)
    return jnp.zeros_like(common).at[rows[:, None], columns].set(jnp.maximum(common, 0.0))


def monotone_plan(x, mu, y, nu):
    plan = _whole(x, mu, y, nu)
    return jnp.where(plan < 1e-3, 0.0, plan)


def wasserstein_1d(x, mu, y, nu, p):
    return jnp.sum(_whole(x, mu, y, nu) * jnp.abs(x[:, None] - y) ** p) ** (1 / p)
