"""The field is taken from the column of J: what the neuron does to the others.

question: hopfield
fails: TestHopfield::test_a_visit_aligns_one_neuron
kind: usual
"""

import jax.numpy as jnp


def align(J, state, i):
    field = jnp.sum(J[:, i] * state)
    return state.at[i].set(jnp.where(field == 0, state[i], jnp.sign(field)))


def recall(J, state, order):
    for i in order:
        state = align(J, state, i)
    return state
