"""The plain mean over neighbours and self: only the receiver's degree.

question: gcn_layer
fails: TestGcnLayer::test_a_graph_without_padding
fails: TestGcnLayer::test_padding_raises_no_degree
kind: usual
"""

import jax


def gcn_layer(x, senders, receivers, edge_mask, W, b):
    n, real = len(x), edge_mask.astype(x.dtype)
    degree = 1.0 + jax.ops.segment_sum(real, receivers, n)
    h = x @ W
    return (h + jax.ops.segment_sum(real[:, None] * h[senders], receivers, n)) / degree[:, None] + b
