"""Divides by max(mass, 1e-3).

question: flow
kind: subtle
fails: TestFlow::test_limits
"""

import jax.numpy as jnp


def divergence_velocity(x, y, plan_xy, plan_xx):
    mass = jnp.maximum(plan_xy.sum(axis=1, keepdims=True), 1e-3)
    return 2.0 * (plan_xy @ y - plan_xx @ x) / mass
