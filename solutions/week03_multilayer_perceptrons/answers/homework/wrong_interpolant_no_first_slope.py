"""Only real changes of slope get a unit: the first slope is lost.

question: interpolant
fails: TestInterpolant::test_passes_through_every_knot
kind: usual
"""

import jax.numpy as jnp


def interpolating_net(x, y):
    order = jnp.argsort(x)
    x, y = x[order], y[order]
    slopes = jnp.diff(y) / jnp.diff(x)
    changes = jnp.diff(slopes)
    return [(jnp.ones((1, len(x) - 2)), -x[1:-1]), (changes[:, None], y[:1])]
