"""J times the parameters, not times their change.

question: linearise
fails: TestLinearise::test_far_from_the_start
kind: usual
"""

import jax
import jax.numpy as jnp


def linearise(f, params0):
    def straight(params, x):
        value, change = jax.jvp(lambda p: f(p, x), (params0,), (params,))
        return value + change

    return straight
