"""A query that may listen to nothing divides 0 by 0.

question: attention
fails: TestAttention::test_a_query_that_may_listen_to_nothing
kind: usual
"""

import jax
import jax.numpy as jnp


def attention(q, k, v, mask):
    return jax.nn.softmax(jnp.where(mask, q @ k.T / jnp.sqrt(q.shape[1]), -jnp.inf), axis=1) @ v
