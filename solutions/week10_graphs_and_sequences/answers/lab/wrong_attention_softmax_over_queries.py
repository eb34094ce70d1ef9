"""The softmax runs over the queries.

question: attention
fails: TestAttention::test_without_a_mask
fails: TestAttention::test_masked_keys_are_not_heard
kind: usual
"""

import jax
import jax.numpy as jnp


def attention(q, k, v, mask):
    scores = jnp.where(mask, q @ k.T / jnp.sqrt(q.shape[1]), -1e30)
    return (jax.nn.softmax(scores, axis=0) * mask) @ v
