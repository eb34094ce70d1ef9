"""eta is clipped to [-20, 20].

question: glm
fails: TestGlm::test_offsets
kind: subtle
"""

import jax
import jax.numpy as jnp


def glm_terms(log_partition, theta, X, y, offset):
    eta = jnp.clip(X @ theta + offset, -20, 20)
    A0, A1, A2 = (jax.vmap(f) for f in (log_partition, jax.grad(log_partition), jax.grad(jax.grad(log_partition))))
    loss, g, H = jnp.sum(A0(eta) - y * eta), X.T @ (A1(eta) - y), (X.T * A2(eta)) @ X
    return loss, g, H
