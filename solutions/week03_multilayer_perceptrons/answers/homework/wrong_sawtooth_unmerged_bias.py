"""The tent 1 - relu(2x - 1) - relu(1 - 2x), whose output bias is lost when two layers are merged.

question: sawtooth
fails: TestSawtooth::test_zeros_and_ones_alternate
kind: usual
"""

import jax.numpy as jnp


def sawtooth(k):
    W, b = jnp.array([[2.0, -2.0]]), jnp.array([-1.0, 1.0])
    out = jnp.array([[-1.0], [-1.0]])
    return [(W, b)] + [(out @ W, b)] * (k - 1) + [(out, jnp.ones(1))]
