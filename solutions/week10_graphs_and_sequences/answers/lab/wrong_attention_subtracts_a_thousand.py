"""A thousand is subtracted from masked logits: louder keys are still heard.

question: attention
fails: TestAttention::test_loud_keys_that_are_masked
kind: usual
"""

import jax
import jax.numpy as jnp


def attention(q, k, v, mask):
    scores = q @ k.T / jnp.sqrt(q.shape[1]) - 1000.0 * ~mask
    return jnp.where(mask.any(axis=1, keepdims=True), jax.nn.softmax(scores, axis=1), 0.0) @ v
