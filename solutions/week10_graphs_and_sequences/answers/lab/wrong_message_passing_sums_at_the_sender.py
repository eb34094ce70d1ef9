"""Messages are added up where they come from.

question: message_passing
fails: TestMessagePassing::test_messages_add_up_at_the_receiver
fails: TestMessagePassing::test_padding_at_a_busy_node
kind: usual
"""

import jax
import jax.numpy as jnp


def message_passing(x, senders, receivers, edge_mask, message):
    messages = jnp.where(edge_mask[:, None], message(x[senders], x[receivers]), 0.0)
    return jax.ops.segment_sum(messages, senders, len(x))
