"""g first, and then f.

question: sinkhorn
kind: usual
fails: TestSinkhorn::test_rounds
"""

import jax
import jax.numpy as jnp


def sinkhorn(cost, mu, nu, eps, rounds):
    f, g = jnp.zeros(len(mu)), jnp.zeros(len(nu))
    for _ in range(rounds):
        g = -eps * jax.scipy.special.logsumexp((f[:, None] - cost) / eps, b=mu[:, None], axis=0)
        f = -eps * jax.scipy.special.logsumexp((g - cost) / eps, b=nu, axis=1)
    return f, g
