"""Padding is heard by nobody, but its output rows are not 0.

question: multi_head
fails: TestMultiHead::test_nobody_listens_to_padding
kind: usual
"""

import jax
import jax.numpy as jnp


def multi_head(x, Wq, Wk, Wv, Wo, heads, is_token, causal, attend):
    batch, n, _ = x.shape

    def split(y):
        return y.reshape(batch, n, heads, -1).transpose(0, 2, 1, 3)

    mask = jnp.broadcast_to(is_token[:, None, :], (batch, n, n))
    if causal:
        mask = mask & jnp.tril(jnp.ones((n, n), dtype=bool))
    over_heads = jax.vmap(attend, in_axes=(0, 0, 0, None))
    o = jax.vmap(over_heads)(split(x @ Wq), split(x @ Wk), split(x @ Wv), mask)
    return o.transpose(0, 2, 1, 3).reshape(batch, n, -1) @ Wo
