"""The gradient is damped by 1 - beta in all three kinds.

question: momentum
fails: TestMomentum::test_heavy_ball
fails: TestMomentum::test_nesterov
kind: usual
"""

import jax


def momentum_step(params, velocity, grads, eta, beta, kind):
    fresh = 1.0 - beta
    new = jax.tree.map(lambda v, g: beta * v + fresh * g, velocity, grads)
    ahead = jax.tree.map(lambda v, g: g + beta * v, new, grads) if kind == "nesterov" else new
    return jax.tree.map(lambda p, a: p - eta * a, params, ahead), new
