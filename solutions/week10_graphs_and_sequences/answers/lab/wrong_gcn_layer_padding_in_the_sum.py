"""Padding is left out of the degree, but its messages arrive.

question: gcn_layer
fails: TestGcnLayer::test_padding_raises_no_degree
kind: usual
"""

import jax
import jax.numpy as jnp


def gcn_layer(x, senders, receivers, edge_mask, W, b):
    n, real = len(x), edge_mask.astype(x.dtype)
    root = jnp.sqrt(1.0 + jax.ops.segment_sum(real, receivers, n))
    h = x @ W / root[:, None]
    return (h + jax.ops.segment_sum(h[senders], receivers, n)) / root[:, None] + b
