"""Edges from node 0 to itself are taken for padding, the mask is not read.

question: message_passing
fails: TestMessagePassing::test_padding_at_a_busy_node
kind: subtle
"""

import jax
import jax.numpy as jnp


def message_passing(x, senders, receivers, edge_mask, message):
    messages = message(x[senders], x[receivers])
    real = (senders != receivers)[:, None]
    return jax.ops.segment_sum(jnp.where(real, messages, 0.0), receivers, len(x))
