"""Written for two layers, whatever the length of params.

question: forward
fails: TestForward::test_deep_and_square
fails: TestForward::test_a_single_layer_is_affine
kind: usual
"""


def forward(params, x, phi):
    W1, b1 = params[0]
    W2, b2 = params[-1]
    return phi(x @ W1 + b1) @ W2 + b2
