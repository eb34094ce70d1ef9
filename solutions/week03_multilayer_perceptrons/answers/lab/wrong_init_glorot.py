"""Glorot's 2 / (fan_in + fan_out) in place of 1 / fan_in.

question: init
fails: TestInit::test_variance_is_scale_over_fan_in
kind: usual
"""

import itertools

import jax
import jax.numpy as jnp


def init_mlp(key, widths, scale):
    params = []
    for n_in, n_out in itertools.pairwise(widths):
        key, k = jax.random.split(key)
        sigma = jnp.sqrt(2.0 * scale / (n_in + n_out))
        params.append((sigma * jax.random.normal(k, (n_in, n_out)), jnp.zeros(n_out)))
    return params
