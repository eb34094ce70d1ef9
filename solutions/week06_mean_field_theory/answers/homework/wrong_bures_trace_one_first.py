"""Covariances are divided by their traces first: NaN for the covariance 0.

question: bures
kind: subtle
fails: TestBures::test_singular_covariances
"""

import numpy as np
import scipy.linalg


def _root(S):
    values, V = np.linalg.eigh((S + S.T) / 2)
    return (V * np.sqrt(np.maximum(values, 0))) @ V.T


def squared_distance(m1, S1, m2, S2):
    m1, S1, m2, S2 = (np.asarray(v, float) for v in (m1, S1, m2, S2))
    a, b = np.trace(S1), np.trace(S2)
    r = _root(S1 / a)
    return np.sum((m1 - m2) ** 2) + a + b - 2 * np.sqrt(a) * np.trace(_root(r @ S2 @ r))


def transport_matrix(S1, S2):
    S1, S2 = np.asarray(S1, float), np.asarray(S2, float)
    b = np.trace(S2)
    r = _root(S1)
    i = np.linalg.inv(r)
    return np.sqrt(b) * i @ _root(r @ (S2 / b) @ r) @ i
