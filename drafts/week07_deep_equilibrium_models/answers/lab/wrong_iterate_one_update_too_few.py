"""The start counts as a step.

question: iterate
fails: TestIterate::test_affine_map_in_closed_form
kind: usual
"""

import jax.numpy as jnp


def iterate(f, z0, step, tol, max_steps):
    z, residuals = z0, []
    while True:
        change = f(z) - z
        residuals.append(float(jnp.linalg.norm(jnp.ravel(change))))
        if residuals[-1] <= tol or len(residuals) >= max_steps:
            return z, residuals
        z = z + step * change
