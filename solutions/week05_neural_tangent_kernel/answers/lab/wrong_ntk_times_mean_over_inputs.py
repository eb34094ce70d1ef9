"""Divided by the number of inputs.

question: ntk_times
fails: TestNtkTimes::test_one_output
kind: usual
"""

import jax
import jax.numpy as jnp



def ntk_times(f, params, x, v):
    outputs = lambda p: f(p, x)
    _, pull = jax.vjp(outputs, params)
    return jax.jvp(outputs, (params,), pull(v / len(x)))[1]
