"""1 is subtracted from the diagonal before dividing by N: right for a single pattern only.

question: hopfield
fails: TestHopfield::test_hebb
kind: usual
"""

import jax.numpy as jnp


def hebb(patterns):
    n = patterns.shape[1]
    return (patterns.T @ patterns - jnp.eye(n)) / n
