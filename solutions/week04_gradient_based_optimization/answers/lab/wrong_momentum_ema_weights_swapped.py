"""Beta weighs the gradient, 1 - beta the old velocity (equal at the check's 0.5).

question: momentum
fails: TestMomentum::test_ema
kind: usual
"""

import jax


def momentum_step(params, velocity, grads, eta, beta, kind):
    if kind == "ema":
        velocity = jax.tree.map(lambda v, g: (1 - beta) * v + beta * g, velocity, grads)
    else:
        velocity = jax.tree.map(lambda v, g: beta * v + g, velocity, grads)
    d = jax.tree.map(lambda v, g: g + beta * v, velocity, grads) if kind == "nesterov" else velocity
    return jax.tree.map(lambda p, d: p - eta * d, params, d), velocity
