"""1e-6 added to the diagonal of I - J.

question: hand
fails: TestHand::test_an_equilibrium_that_repels_and_forty_units
kind: subtle
"""

import numpy as np


def equilibrium_gradients(W, U, b, x, z, g):
    W, U, x, z, g = map(np.asarray, (W, U, x, z, g))
    D = 1 - z**2
    J = D[:, :, None] * W
    u = np.linalg.solve((1 + 1e-6) * np.eye(len(W)) - J.transpose(0, 2, 1), g[:, :, None])[:, :, 0]
    v = D * u
    return v.T @ z, v.T @ x, v.sum(axis=0), v @ U
