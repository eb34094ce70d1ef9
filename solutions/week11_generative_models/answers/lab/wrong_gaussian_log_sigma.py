"""log_var is read as log sigma throughout.

question: gaussian
fails: TestGaussian::test_noise_is_scaled_by_the_standard_deviation
fails: TestGaussian::test_divergence_of_each_example
kind: usual
"""

import jax.numpy as jnp


def reparametrise(mean, log_var, eps):
    return mean + jnp.exp(log_var) * eps


def kl_to_prior(mean, log_var):
    return jnp.sum(0.5 * (jnp.exp(2 * log_var) + mean**2 - 1) - log_var, axis=1)
