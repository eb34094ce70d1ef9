"""The square of the factor.

question: monotone
fails: TestMonotone::test_safe_step
kind: usual
"""

import jax.numpy as jnp


def safe_step(W):
    M = jnp.eye(len(W)) - W
    mu, norm = jnp.linalg.eigvalsh((M + M.T) / 2)[0], jnp.linalg.norm(M, 2)
    return mu / norm**2, 1.0 - (mu / norm) ** 2
