"""The divergence is averaged over the batch before it is subtracted.

question: elbo
fails: TestElbo::test_each_example_has_its_bound
kind: usual
"""

import jax.numpy as jnp


def elbo(params, x, eps, encode, log_likelihood):
    mean, log_var = encode(params, x)
    z = mean + jnp.exp(0.5 * log_var) * eps
    return log_likelihood(params, x, z) - (0.5 * jnp.sum(jnp.exp(log_var) + mean**2 - 1.0 - log_var, axis=1)).mean()
