"""A square root whatever p.

question: wasserstein
kind: usual
fails: TestWasserstein::test_other_powers
"""

import jax.numpy as jnp


def wasserstein_1d(x, mu, y, nu, p):
    cost = jnp.sum(monotone_plan(x, mu, y, nu) * jnp.abs(x[:, None] - y) ** p)
    return cost if p == 1 else jnp.sqrt(cost)
