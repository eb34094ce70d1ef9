"""The plan as mass times conditional law: divides by the masses, NaN where a mass is 0.

question: wasserstein
kind: subtle
fails: TestWasserstein::test_repeated_points_and_single_ones
"""

import jax.numpy as jnp


def monotone_plan(x, mu, y, nu):
    rows, columns = jnp.argsort(x), jnp.argsort(y)
    above, right = jnp.cumsum(mu[rows]), jnp.cumsum(nu[columns])
    below, left = above - mu[rows], right - nu[columns]
    common = jnp.maximum(jnp.minimum(above[:, None], right) - jnp.maximum(below[:, None], left), 0.0)
    goes = common / common.sum(axis=1, keepdims=True)
    return jnp.zeros_like(common).at[rows[:, None], columns].set(goes * mu[rows][:, None])
