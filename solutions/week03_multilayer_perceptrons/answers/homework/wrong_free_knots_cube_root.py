"""Shares out the cube root of |g''|.

question: free_knots
fails: TestFreeKnots::test_knots_for_a_power
fails: TestFreeKnots::test_knots_for_an_exponential
kind: subtle
"""

import jax.numpy as jnp


def free_knots(grid, curvature, pieces):
    density = jnp.cbrt(jnp.abs(curvature))
    increments = jnp.diff(grid) * (density[1:] + density[:-1]) / 2
    F = jnp.concatenate([jnp.zeros(1), jnp.cumsum(increments)])
    knots = jnp.interp(jnp.linspace(0.0, F[-1], pieces + 1), F, grid)
    return knots, F[-1] ** 2 / (8 * pieces**2)
