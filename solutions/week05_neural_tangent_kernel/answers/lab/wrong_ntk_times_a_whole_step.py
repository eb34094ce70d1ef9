"""The change of the outputs in a whole step along the pulled-back vector.

question: ntk_times
fails: TestNtkTimes::test_one_output
kind: usual
"""

import jax
import jax.numpy as jnp



def ntk_times(f, params, x, v):
    (pulled,) = jax.vjp(lambda p: f(p, x), params)[1](v)
    return f(jax.tree.map(jnp.add, params, pulled), x) - f(params, x)
