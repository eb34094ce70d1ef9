"""A batch of one loses its axis.

question: cnn
fails: TestCnn::test_bias_belongs_to_the_channel_and_one_image_is_a_batch
kind: subtle
"""

import jax


def cnn_logits(params, x, conv, pool):
    (K1, b1), (K2, b2), (W, b3) = params["conv1"], params["conv2"], params["dense"]
    same = ((1, 1), (1, 1))
    h = jax.nn.relu(conv(x, K1, padding=same) + b1[:, None, None])
    h = pool(h, (2, 2), (2, 2))
    h = jax.nn.relu(conv(h, K2, padding=same) + b2[:, None, None])
    return (h.mean(axis=(2, 3)) @ W + b3).squeeze()
