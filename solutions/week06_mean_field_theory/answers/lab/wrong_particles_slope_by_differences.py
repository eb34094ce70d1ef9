"""phi' is a central difference with h = 0.01.

question: particles
kind: subtle
fails: TestParticles::test_velocity
"""

import jax
import jax.numpy as jnp


def velocity(masses, a, w, x, y, phi):
    z = x @ w.T
    residual = (phi(z) @ (masses * a) - y) / len(y)
    slope = (phi(z + 0.01) - phi(z - 0.01)) / 0.02
    return -residual @ phi(z), -jnp.einsum("j,ji,jd->id", residual, a * slope, x)
