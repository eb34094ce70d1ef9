"""Heads are attended to as if they were tokens: the axes of heads and tokens swapped.

question: multi_head
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
    if causal:
        mask = mask & jnp.tril(jnp.ones((n, n), dtype=bool))
    p = x @ Wq, x @ Wk, x @ Wv
    q, k, v = (y.reshape(batch, n, heads, -1) for y in p)
    everybody = jnp.ones((heads, heads), dtype=bool)
    o = jax.vmap(jax.vmap(attend, in_axes=(0, 0, 0, None)), in_axes=(0, 0, 0, None))(q, k, v, everybody)
    o = o.transpose(0, 2, 1, 3) * is_token[:, None, :, None]
    return o.transpose(0, 2, 1, 3).reshape(batch, n, -1) @ Wo
