"""The output bias is the y that comes first, not the y of the leftmost knot.

question: interpolant
fails: TestInterpolant::test_passes_through_every_knot
fails: TestInterpolant::test_two_points_make_a_line
kind: usual
"""

import jax.numpy as jnp


def interpolating_net(x, y):
    first = y[:1]
    order = jnp.argsort(x)
    x, y = x[order], y[order]
    slopes = jnp.diff(y) / jnp.diff(x)
    changes = jnp.diff(slopes, prepend=0.0)
    return [(jnp.ones((1, len(x) - 1)), -x[:-1]), (changes[:, None], first)]
