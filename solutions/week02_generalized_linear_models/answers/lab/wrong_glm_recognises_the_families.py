"""Tells the family by A(0): Gaussian 0, Bernoulli log 2, else Poisson.

question: glm
fails: TestGlm::test_offsets
kind: subtle
"""

import jax
import jax.numpy as jnp
import numpy as np


def glm_terms(log_partition, theta, X, y, offset):
    eta = X @ theta + offset
    A0, A1, A2 = (jax.vmap(f) for f in (log_partition, jax.grad(log_partition), jax.grad(jax.grad(log_partition))))
    loss, g, H = jnp.sum(A0(eta) - y * eta), X.T @ (A1(eta) - y), (X.T * A2(eta)) @ X

    a = float(log_partition(0.0))
    var = jnp.ones_like(eta) if abs(a) < 1e-9 else (A1(eta) * (1 - A1(eta)) if abs(a - np.log(2)) < 1e-6 else jnp.abs(A1(eta)))
    H = (X.T * var) @ X
    return loss, g, H
