"""The velocity contains the learning rate (theta' = theta - v').

question: momentum
fails: TestMomentum::test_heavy_ball
kind: usual
"""

import jax


def momentum_step(params, velocity, grads, eta, beta, kind):
    fresh = 1.0 - beta if kind == "ema" else 1.0
    new = jax.tree.map(lambda v, g: beta * v + eta * fresh * g, velocity, grads)
    ahead = jax.tree.map(lambda v, g: eta * g + beta * v, new, grads) if kind == "nesterov" else new
    return jax.tree.map(lambda p, a: p - a, params, ahead), new
