"""The real parts of the eigenvalues of M in place of its symmetric part.

question: monotone
fails: TestMonotone::test_safe_step
kind: usual
"""

import jax.numpy as jnp


def safe_step(W):
    M = jnp.eye(len(W)) - W
    mu, norm = jnp.linalg.eigvals(M).real.min(), jnp.linalg.norm(M, 2)
    return mu / norm**2, jnp.sqrt(jnp.maximum(1.0 - (mu / norm) ** 2, 0.0))
