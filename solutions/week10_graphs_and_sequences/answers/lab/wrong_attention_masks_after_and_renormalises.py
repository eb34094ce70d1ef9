"""The mask multiplies the weights, which are normalised again: nothing is left when the masked key was loud.

question: attention
fails: TestAttention::test_loud_keys_that_are_masked
kind: usual
"""

import jax
import jax.numpy as jnp


def attention(q, k, v, mask):
    p = jax.nn.softmax(q @ k.T / jnp.sqrt(q.shape[1]), axis=1) * mask
    return p / jnp.maximum(p.sum(axis=1, keepdims=True), 1e-30) @ v
