"""Queries and keys are normalised to length 1, as in cosine attention.

question: kernel_smoother
fails: TestKernelSmoother::test_weights
kind: usual
"""

import jax.numpy as jnp


def smoother_as_attention(queries, keys, bandwidth):
    q = queries / jnp.linalg.norm(queries, axis=1, keepdims=True)
    return q, keys / jnp.linalg.norm(keys, axis=1, keepdims=True) / bandwidth**2
