"""A Newton step that makes the residual larger is halved until it does not (up to 10 times).

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
        d = jnp.linalg.solve(I - J, change[:, :, None])[:, :, 0]
        t = 1.0
        for _ in range(10):
            new = z + t * d
            if jnp.linalg.norm(jnp.ravel(f(new) - new)) <= residuals[-1]:
                break
            t /= 2
        z = z + t * d
