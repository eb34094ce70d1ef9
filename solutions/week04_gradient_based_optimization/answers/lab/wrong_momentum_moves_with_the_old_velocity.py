"""The parameters move with the velocity from before the step.

question: momentum
fails: TestMomentum::test_heavy_ball
fails: TestMomentum::test_ema
kind: usual
"""

import jax


def momentum_step(params, velocity, grads, eta, beta, kind):
    fresh = 1.0 - beta if kind == "ema" else 1.0
    new = jax.tree.map(lambda v, g: beta * v + fresh * g, velocity, grads)
    ahead = jax.tree.map(lambda v, g: g + beta * v if kind == "nesterov" else v, velocity, grads)
    return jax.tree.map(lambda p, a: p - eta * a, params, ahead), new
