"""The velocity of w with phi where phi' belongs.

question: particles
kind: usual
fails: TestParticles::test_velocity
"""

import jax.numpy as jnp


def velocity(masses, a, w, x, y, phi):
    h = phi(x @ w.T)
    residual = (h @ (masses * a) - y) / len(y)
    return -residual @ h, -jnp.einsum("j,ji,i,jd->id", residual, h, a, x)
