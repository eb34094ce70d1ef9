"""Hidden biases have the wrong sign: kinks at -x.

question: interpolant
fails: TestInterpolant::test_passes_through_every_knot
kind: usual
"""

import jax.numpy as jnp


def interpolating_net(x, y):
    order = jnp.argsort(x)
    x, y = x[order], y[order]
    slopes = jnp.diff(y) / jnp.diff(x)
    changes = jnp.diff(slopes, prepend=0.0)
    return [(jnp.ones((1, len(x) - 1)), x[:-1]), (changes[:, None], y[:1])]
