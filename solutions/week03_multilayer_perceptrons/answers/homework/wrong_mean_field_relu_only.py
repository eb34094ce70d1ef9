"""Uses the arc-cosine formula, which holds for ReLU alone, whatever phi is.

question: mean_field
fails: TestMeanField::test_variance_map
fails: TestMeanField::test_correlation_map
fails: TestMeanField::test_slope_chi
kind: usual
"""

import jax.numpy as jnp


def mean_field_step(phi, q, c, sigma_w, sigma_b):
    q_next = sigma_w**2 * q / 2 + sigma_b**2
    angle = jnp.arccos(c)
    kernel = (jnp.sin(angle) + (jnp.pi - angle) * c) / (2 * jnp.pi)
    covariance = sigma_w**2 * q * kernel + sigma_b**2
    chi = sigma_w**2 / 2
    return q_next, covariance / q_next, chi
