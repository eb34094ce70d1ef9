"""Padding is taken out first: only real edges are added up, only real tokens attend."""

import jax.numpy as jnp
import numpy as np


def message_passing(x, senders, receivers, edge_mask, message):
    real = np.flatnonzero(edge_mask)
    messages = message(x[senders[real]], x[receivers[real]])
    arrives = receivers[real][None, :] == jnp.arange(len(x))[:, None]
    return jnp.einsum("ie,em->im", arrives.astype(messages.dtype), messages)


def multi_head(x, Wq, Wk, Wv, Wo, heads, is_token, causal, attend):
    out = np.zeros((*x.shape[:2], Wo.shape[1]), np.float32)
    for b, kept in enumerate(np.asarray(is_token)):
        tokens = x[b][kept]
        mask = np.tri(len(tokens), dtype=bool) if causal else np.ones((len(tokens), len(tokens)), bool)
        parts = [jnp.split(tokens @ W, heads, axis=1) for W in (Wq, Wk, Wv)]
        out[b, kept] = jnp.concatenate([attend(*qkv, mask) for qkv in zip(*parts, strict=True)], axis=1) @ Wo
    return out
