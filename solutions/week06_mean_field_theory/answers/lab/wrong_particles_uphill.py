"""The gradient of V without its sign.

question: particles
kind: usual
fails: TestParticles::test_velocity
"""

import jax.numpy as jnp


def velocity(masses, a, w, x, y, phi):
    import jax

    residual = phi(x @ w.T) @ (masses * a) - y
    field = lambda one, two: jnp.sum((phi(x @ two.T) * one).T @ residual) / len(y)
    return jax.grad(field, argnums=(0, 1))(a, w)
