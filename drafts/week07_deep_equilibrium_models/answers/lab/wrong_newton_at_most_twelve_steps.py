"""Never more than 12 steps.

question: newton
fails: TestNewton::test_four_thousand_rows
kind: subtle
"""

import jax
import jax.numpy as jnp


def newton(f, z0, tol, max_steps):
    max_steps = min(max_steps, 12)
    z, residuals, I = z0, [], jnp.eye(z0.shape[1])
    while True:
        change = f(z) - z
        residuals.append(jnp.linalg.norm(jnp.ravel(change)))
        if residuals[-1] <= tol or len(residuals) > max_steps:
            return z, residuals
        J = jnp.stack([jax.jvp(f, (z,), (jnp.broadcast_to(e, z.shape),))[1] for e in I], axis=-1)
        z = z + jnp.linalg.solve(I - J, change[:, :, None])[:, :, 0]
