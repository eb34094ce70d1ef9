"""A difference of outputs along the pulled-back vector.

question: ntk_times
fails: TestNtkTimes::test_one_output
kind: subtle
"""

import jax
import jax.numpy as jnp



def ntk_times(f, params, x, v):
    (pulled,) = jax.vjp(lambda p: f(p, x), params)[1](v)
    return (f(jax.tree.map(lambda w, g: w + 0.01 * g, params, pulled), x) - f(params, x)) / 0.01
