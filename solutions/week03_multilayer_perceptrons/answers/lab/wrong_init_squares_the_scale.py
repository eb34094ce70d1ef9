"""scale read as a factor of the standard deviation (PyTorch's gain).

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
        params.append((scale / jnp.sqrt(n_in) * jax.random.normal(k, (n_in, n_out)), jnp.zeros(n_out)))
    return params
