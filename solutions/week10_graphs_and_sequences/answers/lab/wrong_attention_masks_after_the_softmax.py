"""The mask multiplies the weights, which then no longer sum to 1.

question: attention
fails: TestAttention::test_masked_keys_are_not_heard
kind: usual
"""

import jax
import jax.numpy as jnp


def attention(q, k, v, mask):
    return (jax.nn.softmax(q @ k.T / jnp.sqrt(q.shape[1]), axis=1) * mask) @ v
