"""Norm "fro" for anything with two axes or more: an error for three axes.

question: iterate
fails: TestIterate::test_the_whole_range
kind: subtle
"""

import jax.numpy as jnp


def iterate(f, z0, step, tol, max_steps):
    z, residuals = z0, []
    while True:
        change = f(z) - z
        residuals.append(jnp.abs(change) if jnp.ndim(z) == 0 else jnp.linalg.norm(change, None if jnp.ndim(z) == 1 else "fro"))
        if residuals[-1] <= tol or len(residuals) > max_steps:
            return z, residuals
        z = z + step * change
