"""One number: the divergence averaged over the batch.

question: gaussian
fails: TestGaussian::test_divergence_of_each_example
kind: usual
"""

import jax.numpy as jnp


def kl_to_prior(mean, log_var):
    return 0.5 * jnp.sum(jnp.exp(log_var) + mean**2 - 1.0 - log_var, axis=1).mean()
