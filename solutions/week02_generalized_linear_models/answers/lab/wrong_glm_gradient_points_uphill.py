"""The gradient of the log likelihood, not of its negative.

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
    loss = jnp.sum(jax.vmap(log_partition)(eta) - y * eta)
    return loss, X.T @ (y - mean), (X.T * variance) @ X
