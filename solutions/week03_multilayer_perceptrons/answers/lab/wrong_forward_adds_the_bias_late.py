"""The bias is added after the activation.

question: forward
fails: TestForward::test_one_hidden_layer
fails: TestForward::test_deep_and_square
kind: usual
"""


def forward(params, x, phi):
    h = x
    for W, b in params[:-1]:
        h = phi(h @ W) + b
    W, b = params[-1]
    return h @ W + b
