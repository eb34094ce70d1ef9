"""The sample is treated as data: the encoder learns from the divergence only.

question: elbo
fails: TestElbo::test_step_goes_down_the_slope_of_the_mean
kind: usual
"""

import jax
import jax.numpy as jnp


def elbo(params, x, eps, encode, log_likelihood):
    mean, log_var = encode(params, x)
    z = jax.lax.stop_gradient(mean + jnp.exp(0.5 * log_var) * eps)
    return log_likelihood(params, x, z) - 0.5 * jnp.sum(jnp.exp(log_var) + mean**2 - 1.0 - log_var, axis=1)
