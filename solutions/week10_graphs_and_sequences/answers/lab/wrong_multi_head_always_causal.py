"""Causal, whatever was asked for.

question: multi_head
fails: TestMultiHead::test_one_head
fails: TestMultiHead::test_heads_are_consecutive_blocks
kind: usual
"""

import jax
import jax.numpy as jnp


def multi_head(x, Wq, Wk, Wv, Wo, heads, is_token, causal, attend):
    batch, n, _ = x.shape

    def split(y):
        return y.reshape(batch, n, heads, -1).transpose(0, 2, 1, 3)

    mask = is_token[:, None, :] & is_token[:, :, None]
    if True:
        mask = mask & jnp.tril(jnp.ones((n, n), dtype=bool))
    over_heads = jax.vmap(attend, in_axes=(0, 0, 0, None))
    o = jax.vmap(over_heads)(split(x @ Wq), split(x @ Wk), split(x @ Wv), mask)
    return o.transpose(0, 2, 1, 3).reshape(batch, n, -1) @ Wo
