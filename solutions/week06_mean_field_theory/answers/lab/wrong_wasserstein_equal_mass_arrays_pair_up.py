"""A short cut: if the two arrays of masses are equal (as they came), the sorted points are paired, whatever their masses.

question: wasserstein
kind: subtle
fails: TestWasserstein::test_repeated_points_and_single_ones
"""

import jax.numpy as jnp


def monotone_plan(x, mu, y, nu):
    rows, columns = jnp.argsort(x), jnp.argsort(y)
    if len(mu) == len(nu) and bool(jnp.allclose(mu, nu)):
        return jnp.zeros((len(x), len(y))).at[rows, columns].set(mu[rows])
    above, right = jnp.cumsum(mu[rows]), jnp.cumsum(nu[columns])
    below, left = above - mu[rows], right - nu[columns]
    common = jnp.minimum(above[:, None], right) - jnp.maximum(below[:, None], left)
    return jnp.zeros_like(common).at[rows[:, None], columns].set(jnp.maximum(common, 0.0))
