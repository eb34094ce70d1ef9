"""Each output multiplied by its own kernel: what they share is lost.

question: ntk_times
fails: TestNtkTimes::test_several_outputs
kind: subtle
"""

import jax
import jax.numpy as jnp



def ntk_times(f, params, x, v):
    columns = []
    for a in range(v.shape[1]):
        outputs = lambda p, a=a: f(p, x)[:, a]
        _, pull = jax.vjp(outputs, params)
        columns.append(jax.jvp(outputs, (params,), pull(v[:, a]))[1])
    return jnp.stack(columns, axis=1)
