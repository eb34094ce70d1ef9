"""Everything in float32, where 1 - 2e-6 does not keep its digits for a million steps.

question: quadratic
fails: TestQuadratic::test_the_whole_range
kind: usual
"""

import jax.numpy as jnp


def gd_iterate(H, b, w0, eta, steps):
    curvature, V = jnp.linalg.eigh(H)
    flat = curvature <= 1e-6 * curvature[-1]
    decay = jnp.where(flat, 1.0, (1 - eta * curvature) ** steps)
    gain = jnp.where(flat, eta * steps, (1 - decay) / jnp.where(flat, 1.0, curvature))
    return (decay * (w0 @ V) + gain * (b @ V)) @ V.T
