"""All rows use the Jacobian of the first.

question: newton
fails: TestNewton::test_one_and_two_steps
kind: usual
"""

import jax
import jax.numpy as jnp


def newton(f, z0, tol, max_steps):
    z, residuals, identity = z0, [], jnp.eye(z0.shape[1])
    while True:
        change = f(z) - z
        residuals.append(float(jnp.linalg.norm(jnp.ravel(change))))
        if residuals[-1] <= tol or len(residuals) > max_steps:
            return z, residuals
        J = jnp.stack([jax.jvp(f, (z,), (jnp.broadcast_to(e, z.shape),))[1] for e in identity], axis=-1)
        J = jnp.broadcast_to(J[0], J.shape)
        z = z + jnp.linalg.solve(identity - J, change[:, :, None])[:, :, 0]
