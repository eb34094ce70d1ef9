"""One sum over the same nodes for both inputs: u2 depends on z1 alone.

question: mean_field
fails: TestMeanField::test_correlation_map
kind: usual
"""

import jax
import jax.numpy as jnp
import numpy as np


def mean_field_step(phi, q, c, sigma_w, sigma_b):
    nodes, weights = np.polynomial.hermite_e.hermegauss(64)
    z, w = jnp.asarray(nodes), jnp.asarray(weights / np.sqrt(2 * np.pi))
    u1 = jnp.sqrt(q) * z
    u2 = jnp.sqrt(q) * (c * z[:, None] + jnp.sqrt(1 - c**2) * z[:, None])
    q_next = sigma_w**2 * jnp.sum(w * phi(u1) ** 2) + sigma_b**2
    covariance = sigma_w**2 * jnp.sum(w[:, None] * w * phi(u1)[:, None] * phi(u2)) + sigma_b**2
    chi = sigma_w**2 * jnp.sum(w * jax.vmap(jax.grad(phi))(u1) ** 2)
    return q_next, covariance / q_next, chi
