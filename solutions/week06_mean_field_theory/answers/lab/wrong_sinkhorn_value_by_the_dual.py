"""The value is taken from potentials that a few rounds give, whatever plan was passed.

question: sinkhorn
kind: subtle
fails: TestSinkhorn::test_the_value_of_a_plan
"""

import jax
import jax.numpy as jnp


def entropic_value(cost, mu, nu, eps, plan):
    f, g = jnp.zeros(len(mu)), jnp.zeros(len(nu))
    for _ in range(200):
        f = -eps * jax.scipy.special.logsumexp((g - cost) / eps, b=nu, axis=1)
        g = -eps * jax.scipy.special.logsumexp((f[:, None] - cost) / eps, b=mu[:, None], axis=0)
    return mu @ f + nu @ g
