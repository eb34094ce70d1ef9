"""Right values that let no gradient through.

question: linearise
fails: TestLinearise::test_training_and_three_hundred_thousand_parameters
kind: subtle
"""

import jax
import jax.numpy as jnp


def linearise(f, params0):
    def straight(params, x):
        step = jax.lax.stop_gradient(jax.tree.map(jnp.subtract, params, params0))
        value, change = jax.jvp(lambda p: f(p, x), (params0,), (step,))
        return value + change

    return straight
