"""No activation after the second layer: with the mean behind it the layer is wasted.

question: cnn
fails: TestCnn::test_whole_network
kind: usual
"""

import jax


def cnn_logits(params, x, conv, pool):
    (K1, b1), (K2, b2), (W, b3) = params["conv1"], params["conv2"], params["dense"]
    same = ((1, 1), (1, 1))
    h = jax.nn.relu(conv(x, K1, padding=same) + b1[:, None, None])
    h = pool(h, (2, 2), (2, 2))
    h = conv(h, K2, padding=same) + b2[:, None, None]
    return h.mean(axis=(2, 3)) @ W + b3
