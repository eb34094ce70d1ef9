"""phi' by the complex step, Im phi(z + ih) / h.

question: particles
kind: subtle
fails: TestParticles::test_velocity
"""

import jax
import jax.numpy as jnp


def velocity(masses, a, w, x, y, phi):
    z = x @ w.T
    residual = (phi(z) @ (masses * a) - y) / len(y)
    slope = jnp.imag(phi(z + 1e-6j)) / 1e-6
    return -residual @ phi(z), -jnp.einsum("j,ji,jd->id", residual, a * slope, x)
