"""Masked logits are set to 0: e^0 is 1, not 0.

question: attention
fails: TestAttention::test_masked_keys_are_not_heard
kind: usual
"""

import jax
import jax.numpy as jnp


def attention(q, k, v, mask):
    scores = jnp.where(mask, q @ k.T / jnp.sqrt(q.shape[1]), 0.0)
    return jax.nn.softmax(scores, axis=1) @ v
