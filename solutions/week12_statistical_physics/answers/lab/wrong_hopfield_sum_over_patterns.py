"""1/N is missing.

question: hopfield
fails: TestHopfield::test_hebb
kind: usual
"""

import jax.numpy as jnp


def hebb(patterns):
    n = patterns.shape[1]
    return patterns.T @ patterns * (1 - jnp.eye(n))
