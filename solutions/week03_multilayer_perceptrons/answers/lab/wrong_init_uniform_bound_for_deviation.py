"""Uniform in +-sqrt(scale / fan_in): a third of the variance.

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
        bound = jnp.sqrt(scale / n_in)
        params.append((jax.random.uniform(k, (n_in, n_out), minval=-bound, maxval=bound), jnp.zeros(n_out)))
    return params
