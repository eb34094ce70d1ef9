"""The offset changes A, mean and variance, but not the term y eta.

question: glm
fails: TestGlm::test_offsets
kind: usual
"""

import jax
import jax.numpy as jnp


def glm_terms(log_partition, theta, X, y, offset):
    eta = X @ theta + offset
    mean = jax.vmap(jax.grad(log_partition))(eta)
    variance = jax.vmap(jax.grad(jax.grad(log_partition)))(eta)
    loss = jnp.sum(jax.vmap(log_partition)(eta) - y * (X @ theta))
    return loss, X.T @ (mean - y), (X.T * variance) @ X
