"""Never more than 100 updates.

question: iterate
fails: TestIterate::test_the_whole_range
kind: subtle
"""

import jax.numpy as jnp


def iterate(f, z0, step, tol, max_steps):
    z, residuals = z0, []
    for _ in range(min(max_steps, 100) + 1):
        change = f(z) - z
        residuals.append(jnp.linalg.norm(jnp.ravel(change)))
        if residuals[-1] <= tol:
            break
        if len(residuals) <= min(max_steps, 100):
            z = z + step * change
    return z, residuals
