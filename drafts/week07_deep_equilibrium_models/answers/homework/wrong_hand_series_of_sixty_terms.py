"""The series of the inverse, which needs rho(J) < 1.

question: hand
fails: TestHand::test_an_equilibrium_that_repels_and_forty_units
kind: subtle
"""

import numpy as np


def equilibrium_gradients(W, U, b, x, z, g):
    D = 1.0 - z**2
    J = D[:, :, None] * W
    u = np.asarray(g)
    for _ in range(300):
        u = g + np.einsum("nij,ni->nj", J, u)
    v = D * u
    return v.T @ z, v.T @ x, v.sum(axis=0), v @ U
