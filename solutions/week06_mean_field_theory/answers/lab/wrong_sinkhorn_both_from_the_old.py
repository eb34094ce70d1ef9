"""g is updated with the old f.

question: sinkhorn
kind: usual
fails: TestSinkhorn::test_rounds
"""

import jax
import jax.numpy as jnp


def sinkhorn(cost, mu, nu, eps, rounds):
    f, g = jnp.zeros(len(mu)), jnp.zeros(len(nu))
    for _ in range(rounds):
        f, g = (
            -eps * jax.scipy.special.logsumexp((g - cost) / eps, b=nu, axis=1),
            -eps * jax.scipy.special.logsumexp((f[:, None] - cost) / eps, b=mu[:, None], axis=0),
        )
    return f, g
