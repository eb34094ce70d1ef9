"""A(0) is subtracted from each A, so that the loss is 0 at the start: not the stated loss, and A(0) may not exist.

question: glm
fails: TestGlm::test_poisson
kind: usual
"""

import jax
import jax.numpy as jnp


def glm_terms(log_partition, theta, X, y, offset):
    eta = X @ theta + offset
    mean = jax.vmap(jax.grad(log_partition))(eta)
    variance = jax.vmap(jax.grad(jax.grad(log_partition)))(eta)
    loss = jnp.sum(jax.vmap(log_partition)(eta) - log_partition(0.0) - y * eta)
    return loss, X.T @ (mean - y), (X.T * variance) @ X
