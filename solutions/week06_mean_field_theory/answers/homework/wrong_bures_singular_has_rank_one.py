"""Where the determinant of S2 is 0, S2 is taken for u u^T, with u from its diagonal and first row.

question: bures
kind: subtle
fails: TestBures::test_singular_covariances
"""

import numpy as np
import scipy.linalg


def _root(S):
    values, V = np.linalg.eigh((S + S.T) / 2)
    return (V * np.sqrt(np.maximum(values, 0))) @ V.T


def transport_matrix(S1, S2):
    S1, S2 = np.asarray(S1, float), np.asarray(S2, float)
    values, V = np.linalg.eigh(S2)
    if values[0] < 1e-9 * values[-1]:
        u = V[:, -1] * np.sqrt(values[-1])
        return np.outer(u, u) / np.sqrt(u @ S1 @ u)
    r = _root(S1)
    i = np.linalg.inv(r)
    return i @ _root(r @ S2 @ r) @ i
