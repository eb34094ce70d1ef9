"""A compiled function is kept for each shape of the arguments, with the activation of the first call inside.

question: particles
kind: subtle
fails: TestParticles::test_particles_without_mass
"""

import jax
import jax.numpy as jnp

_made = {}


def velocity(masses, a, w, x, y, phi):
    key = (w.shape, x.shape)
    if key not in _made:
        total = lambda b, v, masses, a, w, x, y: jnp.sum(b * (phi(v @ x.T) @ (phi(x @ w.T) @ (masses * a) - y)) / len(y))
        _made[key] = jax.jit(jax.grad(total, argnums=(0, 1)))
    slope_a, slope_w = _made[key](a, w, masses, a, w, x, y)
    return -slope_a, -slope_w
