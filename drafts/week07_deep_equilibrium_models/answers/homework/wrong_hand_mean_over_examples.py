"""The gradients of parameters are means over the examples.

question: hand
fails: TestHand::test_gradients_of_three_examples
kind: usual
"""

import numpy as np


def equilibrium_gradients(W, U, b, x, z, g):
    D = 1.0 - z**2
    J = D[:, :, None] * W
    u = np.linalg.solve(np.eye(len(W)) - J.transpose(0, 2, 1), np.asarray(g)[:, :, None])[:, :, 0]
    v = D * u
    return v.T @ z / len(x), v.T @ x / len(x), v.mean(axis=0), v @ U
