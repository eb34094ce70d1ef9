"""The system is solved with J, not with its transpose.

question: hand
fails: TestHand::test_gradients_of_one_example
kind: usual
"""

import numpy as np


def equilibrium_gradients(W, U, b, x, z, g):
    D = 1.0 - z**2
    J = D[:, :, None] * W
    u = np.linalg.solve(np.eye(len(W)) - J, np.asarray(g)[:, :, None])[:, :, 0]
    v = D * u
    return v.T @ z, v.T @ x, v.sum(axis=0), v @ U
