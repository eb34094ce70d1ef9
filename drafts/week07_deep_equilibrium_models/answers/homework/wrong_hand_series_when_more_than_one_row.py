"""One example by a solve, several by 5000 terms of the series: runs away where rho(J) > 1.

question: hand
fails: TestHand::test_an_equilibrium_that_repels_and_forty_units
kind: subtle
"""

import numpy as np


def equilibrium_gradients(W, U, b, x, z, g):
    W, U, x, z, g = map(np.asarray, (W, U, x, z, g))
    D = 1 - z**2
    J = D[:, :, None] * W
    if len(z) == 1:
        u = np.linalg.solve(np.eye(len(W)) - J.transpose(0, 2, 1), g[:, :, None])[:, :, 0]
    else:
        u = g
        for _ in range(5000):
            u = g + np.einsum("nij,ni->nj", J, u)
    v = D * u
    return v.T @ z, v.T @ x, v.sum(axis=0), v @ U
