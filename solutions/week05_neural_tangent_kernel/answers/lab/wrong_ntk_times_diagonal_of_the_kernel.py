"""Each input for itself: only the blocks on the diagonal.

question: ntk_times
fails: TestNtkTimes::test_one_output
kind: usual
"""

import jax
import jax.numpy as jnp



def ntk_times(f, params, x, v):
    def one(row, cotangent):
        outputs = lambda p: f(p, row[None])
        _, pull = jax.vjp(outputs, params)
        return jax.jvp(outputs, (params,), pull(cotangent[None]))[1][0]

    return jax.lax.map(lambda pair: one(*pair), (x, v))
