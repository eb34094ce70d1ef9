"""The points are sorted, the masses stay where they were.

question: wasserstein
kind: usual
fails: TestWasserstein::test_the_plan
"""

import jax.numpy as jnp


def monotone_plan(x, mu, y, nu):
    rows, columns = jnp.argsort(x), jnp.argsort(y)
    above, right = jnp.cumsum(mu), jnp.cumsum(nu)
    common = jnp.minimum(above[:, None], right) - jnp.maximum((above - mu)[:, None], right - nu)
    return jnp.zeros_like(common).at[rows[:, None], columns].set(jnp.maximum(common, 0))
