"""The offset multiplies the mean by its exponential, which is right for counts only.

question: glm
fails: TestGlm::test_offsets
kind: subtle
"""

import jax
import jax.numpy as jnp


def glm_terms(log_partition, theta, X, y, offset):
    eta = X @ theta
    mean = jnp.exp(offset) * jax.vmap(jax.grad(log_partition))(eta)
    variance = jnp.exp(offset) * jax.vmap(jax.grad(jax.grad(log_partition)))(eta)
    loss = jnp.sum(jnp.exp(offset) * jax.vmap(log_partition)(eta) - y * (eta + offset))
    return loss, X.T @ (mean - y), (X.T * variance) @ X
