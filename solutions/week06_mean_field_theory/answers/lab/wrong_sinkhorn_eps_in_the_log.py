"""A small number is added inside the logarithm of the masses: their points keep some mass.

question: sinkhorn
kind: subtle
fails: TestSinkhorn::test_points_without_mass
"""

import jax
import jax.numpy as jnp


def sinkhorn(cost, mu, nu, eps, rounds):
    log_mu, log_nu = jnp.log(mu + 1e-2), jnp.log(nu + 1e-2)
    f, g = jnp.zeros(len(mu)), jnp.zeros(len(nu))
    for _ in range(rounds):
        f = -eps * jax.nn.logsumexp((g - cost) / eps + log_nu, axis=1)
        g = -eps * jax.nn.logsumexp((f[:, None] - cost) / eps + log_mu[:, None], axis=0)
    return f, g
