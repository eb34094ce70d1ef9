"""A neuron without field flips: it costs no energy.

question: hopfield
fails: TestHopfield::test_without_a_field_a_neuron_stays
kind: usual
"""

import jax.numpy as jnp


def recall(J, state, order):
    for i in order:
        state = state.at[i].set(jnp.where(state[i] * (J[i] @ state) <= 0, -state[i], state[i]))
    return state
