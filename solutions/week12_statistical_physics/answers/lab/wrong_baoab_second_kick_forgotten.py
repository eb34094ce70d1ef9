"""Only one half kick.

question: baoab
fails: TestBaoab::test_velocity_verlet_without_friction
fails: TestBaoab::test_all_five_substeps
kind: usual
"""

import jax.numpy as jnp


def baoab_step(q, p, grad_u, h, gamma, temperature, noise):
    c1 = jnp.exp(-gamma * h)
    p = p - h / 2 * grad_u(q)
    q = q + h / 2 * p
    p = c1 * p + jnp.sqrt(temperature * (1 - c1**2)) * noise
    q = q + h / 2 * p
    return q, p
