"""The change alone, without f at the start.

question: linearise
fails: TestLinearise::test_far_from_the_start
kind: usual
"""

import jax
import jax.numpy as jnp


def linearise(f, params0):
    def straight(params, x):
        step = jax.tree.map(jnp.subtract, params, params0)
        return jax.jvp(lambda p: f(p, x), (params0,), (step,))[1]

    return straight
