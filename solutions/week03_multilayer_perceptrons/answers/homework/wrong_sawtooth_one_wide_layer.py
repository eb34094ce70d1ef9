"""The right function in one hidden layer of 2^k units.

question: sawtooth
fails: TestSawtooth::test_k_hidden_layers_of_two_units
kind: usual
"""

import jax.numpy as jnp


def sawtooth(k):
    kinks = jnp.arange(2**k) / 2**k
    changes = jnp.where(jnp.arange(2**k) % 2 == 1, -2.0, 2.0).at[0].set(1.0) * 2**k
    return [(jnp.ones((1, 2**k)), -kinks), (changes[:, None], jnp.zeros(1))]
