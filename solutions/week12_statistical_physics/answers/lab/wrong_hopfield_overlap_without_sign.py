"""The absolute value of the overlap.

question: hopfield
fails: TestHopfield::test_energy_and_overlap
kind: usual
"""

import jax.numpy as jnp


def overlaps(patterns, state):
    return jnp.abs(patterns @ state) / len(state)
