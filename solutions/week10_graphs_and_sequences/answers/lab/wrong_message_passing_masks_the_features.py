"""The features of padded edges are zeroed before the message: message(0, 0) need not be 0.

question: message_passing
fails: TestMessagePassing::test_padding_at_a_busy_node
kind: usual
"""

import jax
import jax.numpy as jnp


def message_passing(x, senders, receivers, edge_mask, message):
    x_from = jnp.where(edge_mask[:, None], x[senders], 0.0)
    x_to = jnp.where(edge_mask[:, None], x[receivers], 0.0)
    return jax.ops.segment_sum(message(x_from, x_to), receivers, len(x))
