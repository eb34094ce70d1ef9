"""0 times infinity: padding is multiplied away.

question: message_passing
fails: TestMessagePassing::test_padding_whose_message_is_infinite
kind: usual
"""

import jax


def message_passing(x, senders, receivers, edge_mask, message):
    messages = message(x[senders], x[receivers]) * edge_mask[:, None]
    return jax.ops.segment_sum(messages, receivers, len(x))
