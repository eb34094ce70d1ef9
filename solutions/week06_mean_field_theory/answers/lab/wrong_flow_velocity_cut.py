"""Velocities are cut at 50, for stability.

question: flow
kind: subtle
fails: TestFlow::test_limits
"""

import jax.numpy as jnp


def divergence_velocity(x, y, plan_xy, plan_xx):
    mass = plan_xy.sum(axis=1, keepdims=True)
    return jnp.clip(2.0 * (plan_xy @ y - plan_xx @ x) / mass, -50, 50)
