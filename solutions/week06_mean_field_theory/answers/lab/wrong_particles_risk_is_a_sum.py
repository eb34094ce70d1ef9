"""The risk summed over the inputs, not its mean.

question: particles
kind: usual
fails: TestParticles::test_first_variation
fails: TestParticles::test_velocity
"""

import jax
import jax.numpy as jnp


def first_variation(masses, a, w, x, y, phi, probe_a, probe_w):
    return probe_a * (phi(probe_w @ x.T) @ (phi(x @ w.T) @ (masses * a) - y))


def velocity(masses, a, w, x, y, phi):
    total = lambda one, two: jnp.sum(first_variation(masses, a, w, x, y, phi, one, two))
    slopes = jax.grad(total, argnums=(0, 1))(a, w)
    return -slopes[0], -slopes[1]
