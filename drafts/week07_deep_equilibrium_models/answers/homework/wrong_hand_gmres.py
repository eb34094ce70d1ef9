"""The adjoint system by scipy's gmres with its default tolerance 1e-5.

question: hand
fails: TestHand::test_an_equilibrium_that_repels_and_forty_units
kind: subtle
"""

import numpy as np
import scipy.sparse.linalg as sl


def equilibrium_gradients(W, U, b, x, z, g):
    W, U, x, z, g = map(np.asarray, (W, U, x, z, g))
    D = 1 - z**2
    u = np.array([sl.gmres(np.eye(len(W)) - (d[:, None] * W).T, r)[0] for d, r in zip(D, g)])
    v = D * u
    return v.T @ z, v.T @ x, v.sum(axis=0), v @ U
