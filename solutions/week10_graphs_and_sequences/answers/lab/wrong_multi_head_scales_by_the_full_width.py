"""The logits of each head are divided by the root of all columns, not of its own.

question: multi_head
fails: TestMultiHead::test_heads_are_consecutive_blocks
fails: TestMultiHead::test_nobody_listens_to_padding
kind: usual
"""

import jax
import jax.numpy as jnp


def multi_head(x, Wq, Wk, Wv, Wo, heads, is_token, causal, attend):
    batch, n, _ = x.shape
    q, k, v = ((x @ W).reshape(batch, n, heads, -1) for W in (Wq, Wk, Wv))
    mask = is_token[:, None, None, :] & (jnp.tril(jnp.ones((n, n), dtype=bool)) if causal else True)
    scores = jnp.einsum("bihc,bjhc->bhij", q, k) / jnp.sqrt(Wq.shape[1])
    p = jax.nn.softmax(jnp.where(mask, scores, -1e30), axis=-1)
    o = jnp.einsum("bhij,bjhc->bihc", p, v).reshape(batch, n, -1) @ Wo
    return jnp.where(is_token[:, :, None], o, 0.0)
