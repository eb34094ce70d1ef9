"""Output weights are the slopes themselves: earlier units are forgotten to be still active.

question: interpolant
fails: TestInterpolant::test_passes_through_every_knot
fails: TestInterpolant::test_is_straight_between_the_knots
kind: usual
"""

import jax.numpy as jnp


def interpolating_net(x, y):
    order = jnp.argsort(x)
    x, y = x[order], y[order]
    slopes = jnp.diff(y) / jnp.diff(x)
    changes = slopes
    return [(jnp.ones((1, len(x) - 1)), -x[:-1]), (changes[:, None], y[:1])]
