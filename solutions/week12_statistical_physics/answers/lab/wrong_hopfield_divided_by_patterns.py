"""1/P for 1/N.

question: hopfield
fails: TestHopfield::test_hebb
kind: usual
"""

import jax.numpy as jnp


def hebb(patterns):
    n = patterns.shape[1]
    return patterns.T @ patterns / len(patterns) * (1 - jnp.eye(n))
