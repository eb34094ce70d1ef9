"""Tokens listen to the future.

question: attention
fails: TestAttention::test_the_causal_mask
kind: usual
"""

import jax.numpy as jnp


def causal_mask(n):
    return jnp.triu(jnp.ones((n, n), dtype=bool))
