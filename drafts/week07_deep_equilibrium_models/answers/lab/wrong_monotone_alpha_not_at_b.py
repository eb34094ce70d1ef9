"""alpha multiplies M only.

question: monotone
fails: TestMonotone::test_peaceman_rachford_steps
kind: usual
"""

import jax
import jax.numpy as jnp


def peaceman_rachford(W, b, alpha, steps):
    system = jnp.eye(len(W)) + alpha * (jnp.eye(len(W)) - W)
    u = jnp.zeros_like(b)
    for _ in range(steps):
        v = jnp.abs(u)
        z = jnp.linalg.solve(system, (v + b).T).T
        u = 2.0 * z - v
    return jax.nn.relu(u)
