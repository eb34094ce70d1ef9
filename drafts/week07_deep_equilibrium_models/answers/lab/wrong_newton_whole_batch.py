"""The Jacobian of the whole batch.

question: newton
fails: TestNewton::test_four_thousand_rows
kind: subtle
"""

import jax
import jax.numpy as jnp


def newton(f, z0, tol, max_steps):
    z, residuals = z0, []
    while True:
        change = f(z) - z
        residuals.append(float(jnp.linalg.norm(jnp.ravel(change))))
        if residuals[-1] <= tol or len(residuals) > max_steps:
            return z, residuals
        J = jax.jacfwd(lambda v: f(v.reshape(z.shape)).ravel())(z.ravel())
        z = z + jnp.linalg.solve(jnp.eye(z.size) - J, change.ravel()).reshape(z.shape)
