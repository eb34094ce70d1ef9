"""The partner of x_i by the largest entry of its row, not by the mean.

question: flow
kind: subtle
fails: TestFlow::test_on_a_line
fails: TestFlow::test_in_the_plane
"""

import jax.numpy as jnp


def divergence_velocity(x, y, plan_xy, plan_xx):
    return 2 * (y[jnp.argmax(plan_xy, axis=1)] - x)
