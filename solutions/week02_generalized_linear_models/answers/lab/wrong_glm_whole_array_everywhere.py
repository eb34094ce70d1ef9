"""A is called with the whole array, its derivatives through the sum.

question: glm
fails: TestGlm::test_offsets
kind: subtle
"""

import jax
import jax.numpy as jnp


def glm_terms(log_partition, theta, X, y, offset):
    f = lambda t: jnp.sum(log_partition(X @ t + offset) - y * (X @ t + offset))
    return f(theta), jax.grad(f)(theta), jax.hessian(f)(theta)
