"""Ends when the residual is more than a thousand times the first.

question: iterate
fails: TestIterate::test_the_whole_range
kind: subtle
"""

import jax.numpy as jnp


def iterate(f, z0, step, tol, max_steps):
    z, residuals = z0, []
    while True:
        change = f(z) - z
        residuals.append(jnp.linalg.norm(jnp.ravel(change)))
        if residuals[-1] <= tol or len(residuals) > max_steps or residuals[-1] > 1e3 * residuals[0]:
            return z, residuals
        z = z + step * change
