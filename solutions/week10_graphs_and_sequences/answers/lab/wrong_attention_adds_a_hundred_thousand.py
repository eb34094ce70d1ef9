"""-10^5 is added to masked logits, which may be as large.

question: attention
fails: TestAttention::test_loud_keys_that_are_masked
kind: subtle
"""

import jax
import jax.numpy as jnp
import numpy as np


def attention(q, k, v, mask):
    mask = jnp.asarray(mask)
    s = jnp.asarray(q) @ jnp.asarray(k).T / np.sqrt(np.shape(q)[1]) - 100000.0 * ~mask
    return jnp.where(mask, jax.nn.softmax(s, axis=1), 0.0) @ v
