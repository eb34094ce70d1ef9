"""Adds the bias to the last axis where that is possible: broadcasting says nothing.

question: cnn
fails: TestCnn::test_bias_belongs_to_the_channel_and_one_image_is_a_batch
kind: usual
"""

import jax


def cnn_logits(params, x, conv, pool):
    (K1, b1), (K2, b2), (W, b3) = params["conv1"], params["conv2"], params["dense"]
    same = ((1, 1), (1, 1))
    h = jax.nn.relu(conv(x, K1, padding=same) + (b1 if len(b1) == x.shape[3] else b1[:, None, None]))
    h = pool(h, (2, 2), (2, 2))
    h = jax.nn.relu(conv(h, K2, padding=same) + b2[:, None, None])
    return h.mean(axis=(2, 3)) @ W + b3
