"""The causal mask holds 0. and 1.

question: attention
fails: TestAttention::test_the_causal_mask
kind: subtle
"""

import jax.numpy as jnp


def causal_mask(n):
    return jnp.tril(jnp.ones((n, n)))
