"""A loop over all steps: right, but a million steps time out.

question: quadratic
fails: TestQuadratic::test_the_whole_range
kind: subtle
"""

import jax.numpy as jnp


def gd_iterate(H, b, w0, eta, steps):
    w = jnp.asarray(w0)
    for _ in range(steps):
        w = w - eta * (w @ H - b)
    return w
