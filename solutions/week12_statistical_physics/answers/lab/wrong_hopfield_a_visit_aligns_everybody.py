"""A visit updates all neurons.

question: hopfield
fails: TestHopfield::test_a_visit_aligns_one_neuron
kind: usual
"""

import jax.numpy as jnp


def align(J, state, i):
    field = J @ state
    return jnp.where(field == 0, state, jnp.sign(field))


def recall(J, state, order):
    for i in order:
        state = align(J, state, i)
    return state
