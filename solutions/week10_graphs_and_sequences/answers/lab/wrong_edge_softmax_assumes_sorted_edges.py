"""Edges of one node are believed to stand next to each other.

question: edge_softmax
fails: TestEdgeSoftmax::test_weights_of_each_node
fails: TestEdgeSoftmax::test_padding_has_no_weight
kind: usual
"""

import jax.numpy as jnp


def edge_softmax(logits, receivers, edge_mask, n):
    out, start = [], 0
    for e in range(1, len(logits) + 1):
        if e == len(logits) or receivers[e] != receivers[start]:
            kept = jnp.where(edge_mask[start:e], logits[start:e], -1e30)
            terms = jnp.exp(kept - kept.max()) * edge_mask[start:e]
            out.append(terms / jnp.maximum(terms.sum(), 1e-30))
            start = e
    return jnp.concatenate(out)
