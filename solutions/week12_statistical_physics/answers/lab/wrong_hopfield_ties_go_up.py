"""A neuron without field becomes +1.

question: hopfield
fails: TestHopfield::test_without_a_field_a_neuron_stays
kind: usual
"""

import jax.numpy as jnp


def recall(J, state, order):
    for i in order:
        state = state.at[i].set(jnp.where(J[i] @ state >= 0, 1.0, -1.0))
    return state
