"""log p(z) is left out of the weights.

question: iwae
fails: TestIwae::test_one_sample
kind: usual
"""

import jax
import jax.numpy as jnp


def iwae_bound(params, x, eps, encode, log_likelihood):
    mean, log_var = encode(params, x)

    def log_weight(noise):
        z = mean + jnp.exp(0.5 * log_var) * noise
        return log_likelihood(params, x, z) + jnp.sum(0.5 * noise**2 + 0.5 * log_var + 0.5 * jnp.log(2 * jnp.pi), axis=1)

    log_w = jax.vmap(log_weight)(eps)
    return jax.nn.logsumexp(log_w, axis=0) - jnp.log(len(eps))
