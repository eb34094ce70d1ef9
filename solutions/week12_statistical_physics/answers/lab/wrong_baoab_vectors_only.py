"""Loops over the first axis: a single number has none.

question: baoab
fails: TestBaoab::test_many_particles_and_a_single_number
kind: subtle
"""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import scipy.special


def baoab_step(q, p, grad_u, h, gamma, temperature, noise):
    c1 = np.exp(-gamma * h); c2 = np.sqrt(temperature * (1 - c1**2))
    p = p - h / 2 * grad_u(q)
    q = q + h / 2 * p
    p = jnp.stack([c1 * p[i] + c2 * noise[i] for i in range(len(p))])
    q = q + h / 2 * p
    return q, p - h / 2 * grad_u(q)
