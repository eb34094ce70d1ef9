"""Graphs as incidence matrices, heads and rotations as big einsums; masks as large negative numbers."""

import jax
import jax.numpy as jnp


def gcn_average(adjacency, x):
    loops = adjacency + jnp.eye(adjacency.shape[0])
    scale = jnp.diag(loops.sum(axis=1) ** -0.5)
    return scale @ (loops @ (scale @ x))


def message_passing(x, senders, receivers, edge_mask, message):
    arrives = jax.nn.one_hot(receivers, x.shape[0], axis=0) * edge_mask
    return arrives @ jnp.where(edge_mask[:, None], message(x[senders], x[receivers]), 0.0)


def gcn_layer(x, senders, receivers, edge_mask, W, b):
    n = x.shape[0]
    start, end = jax.nn.one_hot(senders, n), jax.nn.one_hot(receivers, n)
    loops = jnp.einsum("ei,ej,e->ij", end, start, edge_mask.astype(jnp.float32)) + jnp.eye(n)
    root = jnp.sqrt(loops.sum(axis=1))
    return (loops / root[:, None] / root) @ (x @ W) + b


def edge_softmax(logits, receivers, edge_mask, n):
    arrives = (receivers == jnp.arange(n)[:, None]) & edge_mask
    table = jnp.where(arrives, logits, -3e38)
    terms = jnp.where(arrives, jnp.exp(table - table.max(axis=1, keepdims=True)), 0.0)
    return (terms / jnp.maximum(terms.sum(axis=1, keepdims=True), 1e-37)).sum(axis=0)


def attention(q, k, v, mask):
    p = jax.nn.softmax(jnp.where(mask, jnp.einsum("id,jd->ij", q, k) / q.shape[-1] ** 0.5, -3e38), axis=-1)
    return jnp.einsum("ij,jc->ic", p * mask, v)


def causal_mask(n):
    return jnp.tril(jnp.ones((n, n))).astype(bool)


def multi_head(x, Wq, Wk, Wv, Wo, heads, is_token, causal, attend):
    batch, n, _ = x.shape
    q, k, v = ((x @ W).reshape(batch, n, heads, W.shape[1] // heads) for W in (Wq, Wk, Wv))
    scores = jnp.einsum("bihc,bjhc->bhij", q, k) / jnp.sqrt(q.shape[-1])
    mask = is_token[:, None, None, :] & (jnp.tril(jnp.ones((n, n), bool)) if causal else True)
    p = jax.nn.softmax(jnp.where(mask, scores, -1e30), axis=-1)
    out = jnp.einsum("bhij,bjhc,hco->bio", p, v, Wo.reshape(heads, -1, Wo.shape[1]))
    return out * is_token[:, :, None]


def rotary(x, positions, base):
    n, d = x.shape
    angle = positions[:, None] / base ** (2 * jnp.arange(d // 2) / d)
    c, s = jnp.cos(angle), jnp.sin(angle)
    turn = jnp.stack([jnp.stack([c, -s], axis=-1), jnp.stack([s, c], axis=-1)], axis=-2)
    return jnp.einsum("trab,trb->tra", turn, x.reshape(n, d // 2, 2)).reshape(n, d)
