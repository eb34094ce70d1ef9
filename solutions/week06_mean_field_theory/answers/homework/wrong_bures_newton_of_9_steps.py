"""Roots by 9 steps of Denman and Beavers where the matrix is regular: not enough for an eigenvalue of 1e-6 of the product.

question: bures
kind: subtle
fails: TestBures::test_singular_covariances
"""

import numpy as np
import scipy.linalg


def _root(S):
    values, V = np.linalg.eigh((S + S.T) / 2)
    return (V * np.sqrt(np.maximum(values, 0))) @ V.T


def _newton(S):
    if np.linalg.eigvalsh(S)[0] < 1e-8:
        return _root(S)
    Y, Z = S, np.eye(len(S))
    for _ in range(9):
        Y, Z = (Y + np.linalg.inv(Z)) / 2, (Z + np.linalg.inv(Y)) / 2
    return Y


def transport_matrix(S1, S2):
    S1, S2 = np.asarray(S1, float), np.asarray(S2, float)
    r = _newton(S1)
    i = np.linalg.inv(r)
    return i @ _newton(r @ S2 @ r) @ i
