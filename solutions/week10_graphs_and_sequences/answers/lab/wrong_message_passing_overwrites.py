"""The last message to arrive overwrites the others.

question: message_passing
fails: TestMessagePassing::test_messages_add_up_at_the_receiver
fails: TestMessagePassing::test_padding_at_a_busy_node
kind: usual
"""

import jax.numpy as jnp


def message_passing(x, senders, receivers, edge_mask, message):
    messages = message(x[senders], x[receivers])
    aim = jnp.where(edge_mask, receivers, len(x))
    return jnp.zeros((len(x) + 1, messages.shape[1])).at[aim].set(messages)[:-1]
