"""A token does not hear itself.

question: attention
fails: TestAttention::test_the_causal_mask
kind: usual
"""

import jax.numpy as jnp


def causal_mask(n):
    return jnp.tril(jnp.ones((n, n), dtype=bool), -1)
