"""Nesterov without the look-ahead.

question: momentum
fails: TestMomentum::test_nesterov
kind: usual
"""

import jax


def momentum_step(params, velocity, grads, eta, beta, kind):
    fresh = 1.0 - beta if kind == "ema" else 1.0
    new = jax.tree.map(lambda v, g: beta * v + fresh * g, velocity, grads)
    return jax.tree.map(lambda p, v: p - eta * v, params, new), new
