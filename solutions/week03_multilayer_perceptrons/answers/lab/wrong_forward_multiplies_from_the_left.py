"""W h in place of h W: the transposed weight, unnoticed in square layers.

question: forward
fails: TestForward::test_deep_and_square
kind: usual
"""


def forward(params, x, phi):
    h = x.T
    for W, b in params[:-1]:
        h = phi(W @ h + b[:, None])
    W, b = params[-1]
    return (W @ h + b[:, None]).T
