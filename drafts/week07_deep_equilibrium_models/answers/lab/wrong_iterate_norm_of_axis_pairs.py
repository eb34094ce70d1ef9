"""For three axes the norm of each matrix, then the largest; right for 0, 1 and 2 axes.

question: iterate
fails: TestIterate::test_the_whole_range
kind: subtle
"""

import jax.numpy as jnp


def iterate(f, z0, step, tol, max_steps):
    z, residuals = z0, []
    while True:
        change = f(z) - z
        residuals.append(jnp.sqrt(jnp.sum(change**2, axis=tuple(range(jnp.ndim(z)))[-2:])).max())
        if residuals[-1] <= tol or len(residuals) > max_steps:
            return z, residuals
        z = z + step * change
