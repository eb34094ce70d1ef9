"""A particle without mass gets the mass 1e-5, and then the risk's gradient is divided by the mass.

question: particles
kind: subtle
fails: TestParticles::test_particles_without_mass
"""

import jax
import jax.numpy as jnp


def velocity(masses, a, w, x, y, phi):
    masses = jnp.maximum(masses, 1e-5)
    risk = lambda a, w: jnp.mean((phi(x @ w.T) @ (masses * a) - y) ** 2) / 2
    slope_a, slope_w = jax.grad(risk, argnums=(0, 1))(a, w)
    return -slope_a / masses, -slope_w / masses[:, None]
