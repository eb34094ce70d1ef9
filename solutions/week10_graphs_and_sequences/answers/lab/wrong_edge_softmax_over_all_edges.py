"""One softmax over all edges of the graph.

question: edge_softmax
fails: TestEdgeSoftmax::test_weights_of_each_node
fails: TestEdgeSoftmax::test_padding_has_no_weight
kind: usual
"""

import jax.numpy as jnp


def edge_softmax(logits, receivers, edge_mask, n):
    kept = jnp.where(edge_mask, logits, -jnp.inf)
    terms = jnp.exp(kept - kept.max())
    return terms / terms.sum()
