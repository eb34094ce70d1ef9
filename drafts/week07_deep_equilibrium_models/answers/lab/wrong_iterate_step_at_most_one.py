"""A step above 1 is taken for 1.

question: iterate
fails: TestIterate::test_the_whole_range
kind: subtle
"""

import jax.numpy as jnp


def iterate(f, z0, step, tol, max_steps):
    step = min(step, 1.0)
    z, residuals = z0, []
    while True:
        change = f(z) - z
        residuals.append(jnp.linalg.norm(jnp.ravel(change)))
        if residuals[-1] <= tol or len(residuals) > max_steps:
            return z, residuals
        z = z + step * change
