"""A matrix of states has its largest singular value for a norm.

question: iterate
fails: TestIterate::test_stops_when_the_residual_is_small_enough
kind: subtle
"""

import jax.numpy as jnp


def iterate(f, z0, step, tol, max_steps):
    z, residuals = z0, []
    while True:
        change = f(z) - z
        residuals.append(float(jnp.linalg.norm(change, 2 if change.ndim == 2 else None)))
        if residuals[-1] <= tol or len(residuals) > max_steps:
            return z, residuals
        z = z + step * change
