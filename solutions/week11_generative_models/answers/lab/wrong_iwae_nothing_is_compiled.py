"""A branch on values, which cannot be compiled, and a jax.jit that compiles nothing.

question: iwae
fails: TestIwae::test_compiled_and_differentiated
kind: subtle
"""

import jax
import jax.numpy as jnp


def iwae_bound(params, x, eps, encode, log_likelihood):
    mean, log_var = encode(params, x)
    rows = []
    for noise in eps:
        z = mean + jnp.exp(log_var / 2) * noise
        rows.append(log_likelihood(params, x, z) + 0.5 * jnp.sum(noise**2 + log_var - z**2, axis=1))
    log_w = jnp.stack(rows)
    shift = log_w.max(axis=0) if bool(jnp.any(jnp.abs(log_w) > 50)) else jnp.zeros(log_w.shape[1])
    return shift + jnp.log(jnp.exp(log_w - shift).mean(axis=0))


jax.jit = lambda fun=None, **options: fun
