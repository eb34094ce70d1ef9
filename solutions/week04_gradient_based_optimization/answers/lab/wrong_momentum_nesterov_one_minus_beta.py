"""Nesterov looks ahead with 1 - beta (equal at 0.5).

question: momentum
fails: TestMomentum::test_nesterov
kind: usual
"""

import jax


def momentum_step(params, velocity, grads, eta, beta, kind):
    fresh = 1 - beta if kind == "ema" else 1.0
    velocity = jax.tree.map(lambda v, g: beta * v + fresh * g, velocity, grads)
    d = jax.tree.map(lambda v, g: g + (1 - beta) * v, velocity, grads) if kind == "nesterov" else velocity
    return jax.tree.map(lambda p, d: p - eta * d, params, d), velocity
