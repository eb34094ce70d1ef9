"""A velocity of zeros is taken for "no average yet" and replaced by the gradient.

question: momentum
fails: TestMomentum::test_ema
kind: subtle
"""

import jax
import jax.numpy as jnp


def momentum_step(params, velocity, grads, eta, beta, kind):
    if kind == "ema":
        velocity = jax.tree.map(lambda v, g: jnp.where(v == 0, g, beta * v + (1 - beta) * g), velocity, grads)
    else:
        velocity = jax.tree.map(lambda v, g: beta * v + g, velocity, grads)
    d = jax.tree.map(lambda v, g: g + beta * v, velocity, grads) if kind == "nesterov" else velocity
    return jax.tree.map(lambda p, d: p - eta * d, params, d), velocity
