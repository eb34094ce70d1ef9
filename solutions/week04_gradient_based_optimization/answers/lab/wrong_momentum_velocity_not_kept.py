"""Returns the direction in place of the velocity for Nesterov.

question: momentum
fails: TestMomentum::test_nesterov
kind: usual
"""

import jax


def momentum_step(params, velocity, grads, eta, beta, kind):
    fresh = 1.0 - beta if kind == "ema" else 1.0
    new = jax.tree.map(lambda v, g: beta * v + fresh * g, velocity, grads)
    ahead = jax.tree.map(lambda v, g: g + beta * v, new, grads) if kind == "nesterov" else new
    return jax.tree.map(lambda p, a: p - eta * a, params, ahead), ahead
