"""The merged matrix is transposed; it is square, so the shapes fit.

question: sawtooth
fails: TestSawtooth::test_zeros_and_ones_alternate
kind: usual
"""

import jax.numpy as jnp


def sawtooth(k):
    kinks = jnp.array([0.0, 0.5])
    heights = jnp.array([[2.0], [-4.0]])
    first = (jnp.ones((1, 2)), -kinks)
    merged = ((heights @ jnp.ones((1, 2))).T, -kinks)
    return [first] + [merged] * (k - 1) + [(heights, jnp.zeros(1))]
