"""A batch of one loses its batch axis.

question: forward
fails: TestForward::test_the_given_activation_and_a_batch_of_one
kind: subtle
"""


def forward(params, x, phi):
    h = x
    for W, b in params[:-1]:
        h = phi(h @ W + b)
    W, b = params[-1]
    return (h @ W + b).squeeze()
