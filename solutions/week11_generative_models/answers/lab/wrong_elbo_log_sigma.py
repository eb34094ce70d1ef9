"""The encoder's second output is read as log sigma.

question: elbo
fails: TestElbo::test_each_example_has_its_bound
kind: usual
"""

import jax.numpy as jnp


def elbo(params, x, eps, encode, log_likelihood):
    mean, log_sigma = encode(params, x)
    z = mean + jnp.exp(log_sigma) * eps
    return log_likelihood(params, x, z) - jnp.sum(0.5 * (jnp.exp(2 * log_sigma) + mean**2 - 1.0) - log_sigma, axis=1)
