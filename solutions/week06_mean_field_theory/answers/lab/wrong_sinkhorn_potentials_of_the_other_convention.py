"""Potentials of the plan exp((f + g - C)/eps), in which the masses are contained.

question: sinkhorn
kind: usual
fails: TestSinkhorn::test_rounds
"""

import jax
import jax.numpy as jnp


def sinkhorn(cost, mu, nu, eps, rounds):
    f, g = jnp.zeros(len(mu)), jnp.zeros(len(nu))
    for _ in range(rounds):
        f = eps * jnp.log(mu) - eps * jax.nn.logsumexp((g - cost) / eps, axis=1)
        g = eps * jnp.log(nu) - eps * jax.nn.logsumexp((f[:, None] - cost) / eps, axis=0)
    return f, g
