"""All neurons of the sweep look at the old state.

question: hopfield
fails: TestHopfield::test_recall_visits_neurons_one_after_the_other
kind: usual
"""

import jax.numpy as jnp


def recall(J, state, order):
    field = J @ state
    return state.at[order].set(jnp.where(field == 0, state, jnp.sign(field))[order])
