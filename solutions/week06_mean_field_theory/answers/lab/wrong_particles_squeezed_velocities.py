"""Velocities are squeezed: with inputs of one dimension that of w has shape (n,), with one particle both lose an axis.

question: particles
kind: subtle
fails: TestParticles::test_velocity
"""

import jax
import jax.numpy as jnp


def velocity(masses, a, w, x, y, phi):
    z = x @ w.T
    residual = (phi(z) @ (masses * a) - y) / len(y)
    slope = jax.vmap(jax.vmap(jax.grad(phi)))(z)
    vw = -jnp.einsum("j,ji,jd->id", residual, a * slope, x)
    return -residual @ phi(z), vw[:, 0] if x.shape[1] == 1 else vw
