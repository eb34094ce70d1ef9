"""The expansion to second order.

question: linearise
fails: TestLinearise::test_far_from_the_start
kind: usual
"""

import jax
import jax.numpy as jnp


def linearise(f, params0):
    def straight(params, x):
        step = jax.tree.map(jnp.subtract, params, params0)
        first = lambda p: jax.jvp(lambda p: f(p, x), (p,), (step,))[1]
        value, bend = jax.jvp(first, (params0,), (step,))
        return f(params0, x) + value + bend / 2

    return straight
