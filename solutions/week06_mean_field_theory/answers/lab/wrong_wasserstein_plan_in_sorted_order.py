"""The plan of the sorted points, not in the order of the arguments.

question: wasserstein
kind: usual
fails: TestWasserstein::test_the_plan
"""

import jax.numpy as jnp


def monotone_plan(x, mu, y, nu):
    mu, nu = mu[jnp.argsort(x)], nu[jnp.argsort(y)]
    above, right = jnp.cumsum(mu), jnp.cumsum(nu)
    return jnp.maximum(jnp.minimum(above[:, None], right) - jnp.maximum((above - mu)[:, None], right - nu), 0)


def wasserstein_1d(x, mu, y, nu, p):
    cost = jnp.abs(jnp.sort(x)[:, None] - jnp.sort(y)) ** p
    return jnp.sum(monotone_plan(x, mu, y, nu) * cost) ** (1 / p)
