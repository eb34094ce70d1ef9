"""Takes the knots in the order in which they come.

question: interpolant
fails: TestInterpolant::test_passes_through_every_knot
fails: TestInterpolant::test_two_points_make_a_line
kind: usual
"""

import jax.numpy as jnp


def interpolating_net(x, y):
    slopes = jnp.diff(y) / jnp.diff(x)
    changes = jnp.diff(slopes, prepend=0.0)
    return [(jnp.ones((1, len(x) - 1)), -x[:-1]), (changes[:, None], y[:1])]
