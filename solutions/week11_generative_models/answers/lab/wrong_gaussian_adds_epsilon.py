"""A small number is added to the variance for safety.

question: gaussian
fails: TestGaussian::test_very_narrow_very_wide_and_the_prior_itself
kind: subtle
"""

import jax.numpy as jnp


def reparametrise(mean, log_var, eps):
    return mean + jnp.sqrt(jnp.exp(log_var) + 1e-6) * eps
