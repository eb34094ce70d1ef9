"""The resolvent by 12 terms of a Neumann series where |alpha M| < 1.

question: monotone
fails: TestMonotone::test_the_equilibrium_and_the_ends_of_the_range
kind: subtle
"""

import numpy as np


def peaceman_rachford(W, b, alpha, steps):
    W, b = np.asarray(W), np.asarray(b)
    X = alpha * (np.eye(len(W)) - W)
    if np.linalg.norm(X, 2) < 1:
        inverse = sum(np.linalg.matrix_power(-X, j) for j in range(12))
    else:
        inverse = np.linalg.inv(np.eye(len(W)) + X)
    u = np.zeros(b.shape)
    for _ in range(steps):
        v = np.abs(u)
        u = 2 * (v + alpha * b) @ inverse.T - v
    return np.maximum(u, 0)
