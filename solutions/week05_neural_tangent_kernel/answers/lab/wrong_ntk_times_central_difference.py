"""A central difference along the pulled-back vector, scaled to a short step.

question: ntk_times
fails: TestNtkTimes::test_one_output
kind: subtle
"""

import jax
import jax.numpy as jnp


def ntk_times(f, params, x, v):
    _, pull = jax.vjp(lambda p: f(p, x), params)
    (direction,) = pull(v)
    size = jnp.sqrt(sum(jnp.sum(g**2) for g in jax.tree.leaves(direction)))
    move = lambda s: jax.tree.map(lambda p, g: p + s * g / size, params, direction)
    return (f(move(0.01), x) - f(move(-0.01), x)) / 0.02 * size
