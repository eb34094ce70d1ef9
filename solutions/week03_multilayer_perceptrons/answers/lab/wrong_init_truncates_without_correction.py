"""A truncated normal whose lost variance is not made up for.

question: init
fails: TestInit::test_variance_is_scale_over_fan_in
kind: subtle
"""

import itertools

import jax
import jax.numpy as jnp


def init_mlp(key, widths, scale):
    params = []
    for n_in, n_out in itertools.pairwise(widths):
        key, k = jax.random.split(key)
        W = jax.random.truncated_normal(k, -2.0, 2.0, (n_in, n_out))
        params.append((jnp.sqrt(scale / n_in) * W, jnp.zeros(n_out)))
    return params
