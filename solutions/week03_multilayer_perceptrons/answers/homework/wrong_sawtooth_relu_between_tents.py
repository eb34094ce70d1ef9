"""A ReLU between the tents: the right function in 2k hidden layers.

question: sawtooth
fails: TestSawtooth::test_k_hidden_layers_of_two_units
kind: usual
"""

import jax.numpy as jnp


def sawtooth(k):
    up = (jnp.ones((1, 2)), -jnp.array([0.0, 0.5]))
    down = (jnp.array([[2.0], [-4.0]]), jnp.zeros(1))
    return [up, down] * k
