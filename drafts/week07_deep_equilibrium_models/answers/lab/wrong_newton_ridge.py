"""1e-7 is added to the diagonal of I - J ("so that it can always be solved").

question: newton
fails: TestNewton::test_four_thousand_rows
kind: subtle
"""

import jax
import jax.numpy as jnp


def newton(f, z0, tol, max_steps):
    z, residuals, I = z0, [], jnp.eye(z0.shape[1])
    while True:
        change = f(z) - z
        residuals.append(jnp.linalg.norm(jnp.ravel(change)))
        if residuals[-1] <= tol or len(residuals) > max_steps:
            return z, residuals
        J = jnp.stack([jax.jvp(f, (z,), (jnp.broadcast_to(e, z.shape),))[1] for e in I], axis=-1)
        z = z + jnp.linalg.solve((1 + 1e-7) * I - J, change[:, :, None])[:, :, 0]
