"""Points as complex numbers: only the first two coordinates move.

question: flow
kind: subtle
fails: TestFlow::test_limits
"""

import jax.numpy as jnp


def divergence_velocity(x, y, plan_xy, plan_xx):
    mass = plan_xy.sum(axis=1)
    if x.shape[1] == 1:
        return (2 * (plan_xy @ y[:, 0] - plan_xx @ x[:, 0]) / mass)[:, None]
    v = 2 * (plan_xy @ (y[:, 0] + 1j * y[:, 1]) - plan_xx @ (x[:, 0] + 1j * x[:, 1])) / mass
    return jnp.zeros(x.shape).at[:, 0].set(v.real).at[:, 1].set(v.imag)
