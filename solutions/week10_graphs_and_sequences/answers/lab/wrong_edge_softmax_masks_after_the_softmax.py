"""Padding takes its share and is zeroed afterwards.

question: edge_softmax
fails: TestEdgeSoftmax::test_padding_has_no_weight
kind: usual
"""

import jax
import jax.numpy as jnp


def edge_softmax(logits, receivers, edge_mask, n):
    largest = jax.ops.segment_max(logits, receivers, n)
    terms = jnp.exp(logits - largest[receivers])
    total = jax.ops.segment_sum(terms, receivers, n)[receivers]
    return jnp.where(edge_mask, terms / total, 0.0)
