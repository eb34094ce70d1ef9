"""Normalises each plan with its own sums plus 1e-6.

question: flow
kind: subtle
fails: TestFlow::test_limits
"""

import jax.numpy as jnp


def divergence_velocity(x, y, plan_xy, plan_xx):
    one = plan_xy / (plan_xy.sum(axis=1, keepdims=True) + 1e-5)
    two = plan_xx / (plan_xx.sum(axis=1, keepdims=True) + 1e-5)
    return 2.0 * (one @ y - two @ x)
