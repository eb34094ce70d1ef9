"""Exponents are cut at 20.

question: sinkhorn
kind: subtle
fails: TestSinkhorn::test_the_plan_of_any_potentials
"""

import jax.numpy as jnp


def entropic_plan(cost, mu, nu, eps, f, g):
    return mu[:, None] * nu * jnp.exp(jnp.clip((f[:, None] + g - cost) / eps, -80.0, 20.0))
