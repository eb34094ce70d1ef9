"""The derivative is taken where the parameters are, not at the start.

question: linearise
fails: TestLinearise::test_far_from_the_start
kind: usual
"""

import jax
import jax.numpy as jnp


def linearise(f, params0):
    def straight(params, x):
        step = jax.tree.map(jnp.subtract, params, params0)
        return f(params0, x) + jax.jvp(lambda p: f(p, x), (params,), (step,))[1]

    return straight
