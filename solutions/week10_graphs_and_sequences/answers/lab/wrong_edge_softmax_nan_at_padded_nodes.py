"""A node that receives only padding divides 0 by 0.

question: edge_softmax
fails: TestEdgeSoftmax::test_padding_has_no_weight
kind: usual
"""

import jax
import jax.numpy as jnp


def edge_softmax(logits, receivers, edge_mask, n):
    largest = jax.ops.segment_max(jnp.where(edge_mask, logits, -1e30), receivers, n)
    terms = jnp.where(edge_mask, jnp.exp(logits - largest[receivers]), 0.0)
    return terms / jax.ops.segment_sum(terms, receivers, n)[receivers]
