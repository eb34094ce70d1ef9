"""One probe gives a number, no array.

question: particles
kind: subtle
fails: TestParticles::test_first_variation
"""

import jax.numpy as jnp


def first_variation(masses, a, w, x, y, phi, probe_a, probe_w):
    residual = mean_field_network(masses, a, w, x, phi) - y
    return jnp.squeeze(probe_a * (phi(probe_w @ x.T) @ residual) / len(y))
