"""Directional derivatives by forward differences with 1e-7.

question: newton
fails: TestNewton::test_four_thousand_rows
kind: subtle
"""

import jax.numpy as jnp


def newton(f, z0, tol, max_steps):
    z, residuals, I = z0, [], jnp.eye(z0.shape[1])
    while True:
        value = f(z)
        change = value - z
        residuals.append(jnp.linalg.norm(jnp.ravel(change)))
        if residuals[-1] <= tol or len(residuals) > max_steps:
            return z, residuals
        J = jnp.stack([(f(z + 1e-7 * e) - value) / 1e-7 for e in I], axis=-1)
        z = z + jnp.linalg.solve(I - J, change[:, :, None])[:, :, 0]
