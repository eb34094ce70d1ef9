"""The gradient of V also through the network that the particle is a part of.

question: particles
kind: subtle
fails: TestParticles::test_velocity
"""

import jax
import jax.numpy as jnp


def velocity(masses, a, w, x, y, phi):
    def total(a, w):
        h = phi(x @ w.T)
        return jnp.sum((h @ (masses * a) - y) @ (h * a)) / len(y)

    slopes = jax.grad(total, argnums=(0, 1))(a, w)
    return -slopes[0], -slopes[1]
