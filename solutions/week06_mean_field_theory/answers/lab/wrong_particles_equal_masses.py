"""The mean over the neurons, whatever their masses.

question: particles
kind: usual
fails: TestParticles::test_the_network
"""

import jax.numpy as jnp


def mean_field_network(masses, a, w, x, phi):
    return jnp.mean(phi(x @ w.T) * a, axis=1)
