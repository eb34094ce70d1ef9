"""One derivative along the vector of ones, taken for the diagonal of J.

question: newton
fails: TestNewton::test_one_and_two_steps
kind: usual
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
        z = z + change / (1 - jax.jvp(f, (z,), (jnp.ones_like(z),))[1])
