"""Only one half flight.

question: baoab
fails: TestBaoab::test_free_flight
kind: usual
"""

import jax.numpy as jnp


def baoab_step(q, p, grad_u, h, gamma, temperature, noise):
    c1 = jnp.exp(-gamma * h)
    p = p - h / 2 * grad_u(q)
    q = q + h / 2 * p
    p = c1 * p + jnp.sqrt(temperature * (1 - c1**2)) * noise
    p = p - h / 2 * grad_u(q)
    return q, p
