"""The root of a number that rounding made negative.

question: monotone
fails: TestMonotone::test_the_equilibrium_and_the_ends_of_the_range
kind: usual
"""

import jax.numpy as jnp


def safe_step(W):
    M = jnp.eye(len(W)) - W
    mu, norm = jnp.linalg.eigvalsh((M + M.T) / 2)[0], jnp.linalg.norm(M, 2)
    return mu / norm**2, jnp.sqrt(1.0 - mu**2 / norm**2 - 1e-16)
