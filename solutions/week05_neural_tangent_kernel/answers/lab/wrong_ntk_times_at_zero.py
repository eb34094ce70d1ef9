"""Derivatives taken where all parameters are 0.

question: ntk_times
fails: TestNtkTimes::test_one_output
kind: usual
"""

import jax
import jax.numpy as jnp



def ntk_times(f, params, x, v):
    outputs = lambda p: f(p, x)
    zero = jax.tree.map(jnp.zeros_like, params)
    _, pull = jax.vjp(outputs, zero)
    return jax.jvp(outputs, (zero,), pull(v))[1]
