"""The logarithm of the sum: log K too much.

question: iwae
fails: TestIwae::test_log_of_the_mean_weight
kind: usual
"""

import jax
import jax.numpy as jnp


def iwae_bound(params, x, eps, encode, log_likelihood):
    mean, log_var = encode(params, x)

    def log_weight(noise):
        z = mean + jnp.exp(0.5 * log_var) * noise
        return log_likelihood(params, x, z) + 0.5 * jnp.sum(noise**2 + log_var - z**2, axis=1)

    log_w = jax.vmap(log_weight)(eps)
    return jax.nn.logsumexp(log_w, axis=0)
