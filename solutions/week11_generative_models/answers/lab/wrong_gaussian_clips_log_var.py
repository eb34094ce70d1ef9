"""log_var is clipped to +-10 for safety.

question: gaussian
fails: TestGaussian::test_very_narrow_very_wide_and_the_prior_itself
kind: subtle
"""

import jax.numpy as jnp


def reparametrise(mean, log_var, eps):
    return mean + jnp.exp(0.5 * jnp.clip(log_var, -10.0, 10.0)) * eps
