"""The same key for every layer: square layers are copies of each other.

question: init
fails: TestInit::test_every_weight_is_drawn_anew
kind: usual
"""

import itertools

import jax
import jax.numpy as jnp


def init_mlp(key, widths, scale):
    params = []
    for n_in, n_out in itertools.pairwise(widths):
        params.append((jnp.sqrt(scale / n_in) * jax.random.normal(key, (n_in, n_out)), jnp.zeros(n_out)))
    return params
