"""padding="SAME": the convolution of this notebook takes pairs.

question: cnn
fails: TestCnn::test_whole_network
fails: TestCnn::test_bias_belongs_to_the_channel_and_one_image_is_a_batch
kind: usual
"""

import jax


def cnn_logits(params, x, conv, pool):
    (K1, b1), (K2, b2), (W, b3) = (params["conv1"], params["conv2"], params["dense"])
    h = jax.nn.relu(conv(x, K1, padding="SAME") + b1[:, None, None])
    h = pool(h, (2, 2), (2, 2))
    h = jax.nn.relu(conv(h, K2, padding="SAME") + b2[:, None, None])
    return h.mean(axis=(2, 3)) @ W + b3
