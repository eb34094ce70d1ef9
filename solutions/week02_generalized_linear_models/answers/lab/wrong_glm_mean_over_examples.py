"""The mean over the examples.

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
    loss = jnp.mean(jax.vmap(log_partition)(eta) - y * eta)
    return loss, X.T @ (mean - y) / len(y), (X.T * variance) @ X / len(y)
