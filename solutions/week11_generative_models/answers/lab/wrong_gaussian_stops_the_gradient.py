"""The sample is right, but no gradient reaches the encoder through it.

question: gaussian
fails: TestGaussian::test_gradient_passes_through_the_sample
kind: usual
"""

import jax
import jax.numpy as jnp


def reparametrise(mean, log_var, eps):
    return jax.lax.stop_gradient(mean + jnp.exp(log_var / 2) * eps)
