"""The diagonal of J is P/N.

question: hopfield
fails: TestHopfield::test_hebb
kind: usual
"""

import jax.numpy as jnp


def hebb(patterns):
    return patterns.T @ patterns / patterns.shape[1]
