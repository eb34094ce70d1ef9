"""The compiled step is kept by shape, with the f of the first call in it.

question: newton
fails: TestNewton::test_four_thousand_rows
kind: subtle
"""

import jax
import jax.numpy as jnp

_STEPS = {}


def newton(f, z0, tol, max_steps):
    I = jnp.eye(z0.shape[1])
    if z0.shape not in _STEPS:

        @jax.jit
        def step(z):
            J = jnp.stack([jax.jvp(f, (z,), (jnp.broadcast_to(e, z.shape),))[1] for e in I], axis=-1)
            return z + jnp.linalg.solve(I - J, (f(z) - z)[:, :, None])[:, :, 0]

        _STEPS[z0.shape] = step
    z, residuals = z0, []
    while True:
        residuals.append(jnp.linalg.norm(jnp.ravel(f(z) - z)))
        if residuals[-1] <= tol or len(residuals) > max_steps:
            return z, residuals
        z = _STEPS[z0.shape](z)
