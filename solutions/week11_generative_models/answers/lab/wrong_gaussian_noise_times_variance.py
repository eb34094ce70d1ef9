"""The noise is multiplied by the variance; the divergence is right.

question: gaussian
fails: TestGaussian::test_noise_is_scaled_by_the_standard_deviation
kind: usual
"""

import jax.numpy as jnp


def reparametrise(mean, log_var, eps):
    return mean + jnp.exp(log_var) * eps
