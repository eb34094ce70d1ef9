"""Composes k + 1 tents.

question: sawtooth
fails: TestSawtooth::test_zeros_and_ones_alternate
fails: TestSawtooth::test_triangle_wave
kind: usual
"""

import jax.numpy as jnp


def sawtooth(k):
    kinks = jnp.array([0.0, 0.5])
    heights = jnp.array([[2.0], [-4.0]])
    first = (jnp.ones((1, 2)), -kinks)
    merged = (heights @ jnp.ones((1, 2)), -kinks)
    return [first] + [merged] * k + [(heights, jnp.zeros(1))]
