"""f, and not its expansion.

question: linearise
fails: TestLinearise::test_far_from_the_start
kind: usual
"""

import jax
import jax.numpy as jnp


def linearise(f, params0):
    return lambda params, x: f(params, x)
