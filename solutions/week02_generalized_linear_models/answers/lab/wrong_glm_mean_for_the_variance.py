"""The Hessian holds A', which is right for counts only.

question: glm
fails: TestGlm::test_bernoulli_and_gaussian
kind: usual
"""

import jax
import jax.numpy as jnp


def glm_terms(log_partition, theta, X, y, offset):
    eta = X @ theta + offset
    mean = jax.vmap(jax.grad(log_partition))(eta)
    variance = mean
    loss = jnp.sum(jax.vmap(log_partition)(eta) - y * eta)
    return loss, X.T @ (mean - y), (X.T * variance) @ X
