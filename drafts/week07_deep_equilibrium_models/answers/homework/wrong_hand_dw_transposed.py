"""The gradient of W is transposed.

question: hand
fails: TestHand::test_gradients_of_one_example
kind: usual
"""

import numpy as np


def equilibrium_gradients(W, U, b, x, z, g):
    D = 1.0 - z**2
    J = D[:, :, None] * W
    u = np.linalg.solve(np.eye(len(W)) - J.transpose(0, 2, 1), np.asarray(g)[:, :, None])[:, :, 0]
    v = D * u
    return z.T @ v, v.T @ x, v.sum(axis=0), v @ U
