"""V is a one-sided difference of risks in float32 with eps = 1e-3.

question: particles
kind: subtle
fails: TestParticles::test_first_variation
"""

import jax
import jax.numpy as jnp


def first_variation(masses, a, w, x, y, phi, probe_a, probe_w):
    f = phi(x @ w.T) @ (masses * a)
    risk = lambda f: jnp.mean((f - y) ** 2) / 2
    e = 1e-3
    return jnp.stack([(risk(f + e * b * phi(x @ v)) - risk(f)) / e for b, v in zip(probe_a, probe_w)])


def velocity(masses, a, w, x, y, phi):
    residual = (phi(x @ w.T) @ (masses * a) - y) / len(y)
    slope = jax.vmap(jax.vmap(jax.grad(phi)))(x @ w.T)
    return -residual @ phi(x @ w.T), -jnp.einsum("j,ji,jd->id", residual, a * slope, x)
