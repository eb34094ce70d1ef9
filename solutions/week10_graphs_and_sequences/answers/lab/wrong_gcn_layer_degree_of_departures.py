"""Degrees count what leaves a node: the same for undirected graphs only.

question: gcn_layer
fails: TestGcnLayer::test_one_way_edges
kind: subtle
"""

import jax
import jax.numpy as jnp


def gcn_layer(x, senders, receivers, edge_mask, W, b):
    n, real = len(x), edge_mask.astype(x.dtype)
    root = jnp.sqrt(1.0 + jax.ops.segment_sum(real, senders, n))
    h = x @ W / root[:, None]
    return (h + jax.ops.segment_sum(real[:, None] * h[senders], receivers, n)) / root[:, None] + b
