"""c1 = 1 - gamma h and noise sqrt(2 gamma h T): the first order of the exact ones.

question: baoab
fails: TestBaoab::test_free_flight
kind: usual
"""

import jax.numpy as jnp


def baoab_step(q, p, grad_u, h, gamma, temperature, noise):
    p = p - h / 2 * grad_u(q)
    q = q + h / 2 * p
    p = (1 - gamma * h) * p + jnp.sqrt(2 * gamma * h * temperature) * noise
    q = q + h / 2 * p
    p = p - h / 2 * grad_u(q)
    return q, p
