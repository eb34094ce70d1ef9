"""The sums are not weighted with the masses of the other side.

question: sinkhorn
kind: usual
fails: TestSinkhorn::test_rounds
"""

import jax
import jax.numpy as jnp


def sinkhorn(cost, mu, nu, eps, rounds):
    f, g = jnp.zeros(len(mu)), jnp.zeros(len(nu))
    for _ in range(rounds):
        f = -eps * jax.nn.logsumexp((g - cost) / eps, axis=1)
        g = -eps * jax.nn.logsumexp((f[:, None] - cost) / eps, axis=0)
    return f, g
