"""The keys' norms are added.

question: kernel_smoother
fails: TestKernelSmoother::test_weights
kind: usual
"""

import jax.numpy as jnp


def smoother_as_attention(queries, keys, bandwidth):
    q = jnp.concatenate([queries, jnp.ones((len(queries), 1))], axis=1)
    return q, jnp.concatenate([keys, jnp.sum(keys**2, axis=1, keepdims=True) / 2], axis=1) / bandwidth**2
