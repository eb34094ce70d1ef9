"""The start is kept in a global: a second linearisation moves the first one.

question: linearise
fails: TestLinearise::test_one_function_many_uses
kind: subtle
"""

import jax
import jax.numpy as jnp


def linearise(f, params0):
    global start_of_linearise
    start_of_linearise = params0

    def linear(params, x):
        step = jax.tree.map(jnp.subtract, params, start_of_linearise)
        value, change = jax.jvp(lambda p: f(p, x), (start_of_linearise,), (step,))
        return value + change

    return linear
