"""A unit at every knot, the last one with weight zero: right as a function, one unit too many.

question: interpolant
fails: TestInterpolant::test_one_hidden_layer_of_n_minus_1_units
kind: usual
"""

import jax.numpy as jnp


def interpolating_net(x, y):
    order = jnp.argsort(x)
    x, y = x[order], y[order]
    slopes = jnp.diff(y) / jnp.diff(x)
    changes = jnp.diff(slopes, prepend=0.0, append=0.0)
    return [(jnp.ones((1, len(x))), -x), (changes[:, None], y[:1])]
