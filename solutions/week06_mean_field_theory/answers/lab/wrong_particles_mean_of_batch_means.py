"""Inputs go in batches of 64, and the means of the batches are averaged: wrong where the last batch is smaller.

question: particles
kind: subtle
fails: TestParticles::test_velocity
"""

import jax
import jax.numpy as jnp


def _batches(masses, a, w, x, y, phi, probe_a, probe_w):
    starts = range(0, len(y), 64)
    parts = [probe_a * (phi(probe_w @ x[s:s + 64].T) @ (phi(x[s:s + 64] @ w.T) @ (masses * a) - y[s:s + 64])) / len(y[s:s + 64]) for s in starts]
    return sum(parts) / len(parts)


def first_variation(masses, a, w, x, y, phi, probe_a, probe_w):
    return _batches(masses, a, w, x, y, phi, probe_a, probe_w)


def velocity(masses, a, w, x, y, phi):
    total = lambda b, v: jnp.sum(_batches(masses, a, w, x, y, phi, b, v))
    slope_a, slope_w = jax.grad(total, argnums=(0, 1))(a, w)
    return -slope_a, -slope_w
