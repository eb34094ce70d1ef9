"""A small number in the denominator that is not small.

question: edge_softmax
fails: TestEdgeSoftmax::test_weights_of_each_node
fails: TestEdgeSoftmax::test_padding_has_no_weight
kind: usual
"""

import jax
import jax.numpy as jnp


def edge_softmax(logits, receivers, edge_mask, n):
    kept = jnp.where(edge_mask, logits, -jnp.inf)
    largest = jnp.maximum(jax.ops.segment_max(kept, receivers, n), -1e30)
    terms = jnp.exp(kept - largest[receivers])
    return terms / (jax.ops.segment_sum(terms, receivers, n)[receivers] + 0.01)
