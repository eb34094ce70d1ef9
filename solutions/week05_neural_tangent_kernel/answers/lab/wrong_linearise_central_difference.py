"""A central difference along the step: four digits.

question: linearise
fails: TestLinearise::test_far_from_the_start
kind: subtle
"""

import jax
import jax.numpy as jnp


def linearise(f, params0):
    def straight(params, x):
        at = lambda s: f(jax.tree.map(lambda a, b: a + s * (b - a), params0, params), x)
        return at(0.0) + (at(0.01) - at(-0.01)) / 0.02

    return straight
