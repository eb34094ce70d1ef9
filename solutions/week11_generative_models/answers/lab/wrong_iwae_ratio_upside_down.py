"""q over p in place of p over q.

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
        return log_likelihood(params, x, z) + 0.5 * jnp.sum(z**2 - noise**2 - log_var, axis=1)

    log_w = jax.vmap(log_weight)(eps)
    return jax.nn.logsumexp(log_w, axis=0) - jnp.log(len(eps))
