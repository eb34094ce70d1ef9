"""The parameters after Nesterov's step are x_{t+1}, not the next look-ahead point.

question: momentum
fails: TestMomentum::test_nesterov
kind: usual
"""

import jax


def momentum_step(params, velocity, grads, eta, beta, kind):
    fresh = 1.0 - beta if kind == "ema" else 1.0
    new = jax.tree.map(lambda v, g: beta * v + fresh * g, velocity, grads)
    if kind == "nesterov":
        return jax.tree.map(lambda p, g: p - eta * g, params, grads), new
    return jax.tree.map(lambda p, v: p - eta * v, params, new), new
