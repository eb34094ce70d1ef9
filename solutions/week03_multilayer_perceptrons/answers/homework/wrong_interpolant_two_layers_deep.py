"""The right function with an identity layer in between: not one hidden layer.

question: interpolant
fails: TestInterpolant::test_one_hidden_layer_of_n_minus_1_units
kind: subtle
"""

import jax.numpy as jnp


def interpolating_net(x, y):
    order = jnp.argsort(x)
    x, y = x[order], y[order]
    slopes = jnp.diff(y) / jnp.diff(x)
    changes = jnp.diff(slopes, prepend=0.0)
    n = len(x) - 1
    identity = (jnp.eye(n), jnp.zeros(n))
    return [(jnp.ones((1, len(x) - 1)), -x[:-1]), identity, (changes[:, None], y[:1])]
