"""The gradient over the mass, with a guard: a probe does not move.

question: particles
kind: usual
fails: TestParticles::test_particles_without_mass
"""

import jax
import jax.numpy as jnp


def velocity(masses, a, w, x, y, phi):
    risk = lambda a, w: jnp.mean((phi(x @ w.T) @ (masses * a) - y) ** 2) / 2
    slopes = jax.grad(risk, argnums=(0, 1))(a, w)
    safe = jnp.maximum(masses, 1e-12)
    return -slopes[0] / safe, -slopes[1] / safe[:, None]
