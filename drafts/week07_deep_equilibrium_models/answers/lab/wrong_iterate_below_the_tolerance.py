"""It stops where the residual is below the tolerance, not where it is equal to it.

question: iterate
fails: TestIterate::test_the_whole_range
kind: usual
"""

import jax.numpy as jnp


def iterate(f, z0, step, tol, max_steps):
    z, residuals = z0, []
    while True:
        change = f(z) - z
        residuals.append(float(jnp.linalg.norm(jnp.ravel(change))))
        if residuals[-1] < tol or len(residuals) > max_steps:
            return z, residuals
        z = z + step * change
