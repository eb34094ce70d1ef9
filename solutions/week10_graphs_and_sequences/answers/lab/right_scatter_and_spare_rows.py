"""Scatter with .at[].add, padding sent to a spare last node; vmap over queries; logsumexp."""

import jax
import jax.numpy as jnp


def gcn_average(adjacency, x):
    n = len(adjacency)
    loops = adjacency.at[jnp.arange(n), jnp.arange(n)].add(1.0)
    factor = jax.lax.rsqrt(jnp.sum(loops, axis=1))
    return jnp.einsum("i,ij,j,jd->id", factor, loops, factor, x)


def message_passing(x, senders, receivers, edge_mask, message):
    messages = message(x[senders], x[receivers])
    aim = jnp.where(edge_mask, receivers, len(x))
    return jnp.zeros((len(x) + 1, messages.shape[1])).at[aim].add(messages)[:-1]


def gcn_layer(x, senders, receivers, edge_mask, W, b):
    n = len(x)
    own = jnp.arange(n)
    aim = jnp.concatenate([jnp.where(edge_mask, receivers, n), own])
    source = jnp.concatenate([senders, own])
    degree = jnp.zeros(n + 1).at[aim].add(1.0)
    coefficient = 1 / jnp.sqrt(degree[source] * jnp.maximum(degree[aim], 1.0))
    mixed = jnp.zeros((n + 1, x.shape[1])).at[aim].add(coefficient[:, None] * x[source])
    return mixed[:n] @ W + b


def edge_softmax(logits, receivers, edge_mask, n):
    aim = jnp.where(edge_mask, receivers, n)
    largest = jnp.full(n + 1, -jnp.inf).at[aim].max(logits)
    terms = jnp.exp(logits - largest[aim])
    return jnp.where(edge_mask, terms / jnp.zeros(n + 1).at[aim].add(terms)[aim], 0.0)


def attention(q, k, v, mask):
    def one(query, heard):
        scores = jnp.where(heard, k @ query / jnp.sqrt(query.size), -jnp.inf)
        top = jnp.where(heard.any(), scores.max(), 0.0)
        terms = jnp.exp(scores - top)
        return (terms @ v) / jnp.where(heard.any(), terms.sum(), 1.0)

    return jax.vmap(one)(q, mask)


def causal_mask(n):
    return jnp.cumsum(jnp.eye(n), axis=0) > 0


def multi_head(x, Wq, Wk, Wv, Wo, heads, is_token, causal, attend):
    n = x.shape[1]
    i, j = jnp.meshgrid(jnp.arange(n), jnp.arange(n), indexing="ij")

    def sequence(rows, real):
        mask = real[None, :] & ((j <= i) if causal else (j == j))
        parts = [jnp.split(rows @ W, heads, axis=1) for W in (Wq, Wk, Wv)]
        out = jnp.hstack([attend(q, k, v, mask) for q, k, v in zip(*parts, strict=True)]) @ Wo
        return jnp.where(real[:, None], out, 0.0)

    return jax.vmap(sequence)(x, is_token)


def rotary(x, positions, base):
    d = x.shape[-1]
    angle = positions[:, None] * jnp.exp(-jnp.log(base) * jnp.arange(0, d, 2) / d)
    angle = jnp.repeat(angle, 2, axis=1)
    swapped = jnp.stack([-x[:, 1::2], x[:, ::2]], axis=-1).reshape(x.shape)
    return x * jnp.cos(angle) + swapped * jnp.sin(angle)
