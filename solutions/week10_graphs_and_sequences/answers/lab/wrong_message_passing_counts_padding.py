"""The mask is not used.

question: message_passing
fails: TestMessagePassing::test_padding_at_a_busy_node
kind: usual
"""

import jax


def message_passing(x, senders, receivers, edge_mask, message):
    return jax.ops.segment_sum(message(x[senders], x[receivers]), receivers, len(x))
