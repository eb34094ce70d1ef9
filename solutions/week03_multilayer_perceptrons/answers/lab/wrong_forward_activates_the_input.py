"""The activation before each layer instead of between the layers.

question: forward
fails: TestForward::test_one_hidden_layer
fails: TestForward::test_a_single_layer_is_affine
kind: usual
"""


def forward(params, x, phi):
    h = x
    for W, b in params:
        h = phi(h) @ W + b
    return h
