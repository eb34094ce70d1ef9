"""1e-12 I is added to both covariances.

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
    S1, S2 = S1 + 1e-12 * np.eye(len(S1)), S2 + 1e-12 * np.eye(len(S1))
    r = _root(S1)
    return np.sum((m1 - m2) ** 2) + np.trace(S1) + np.trace(S2) - 2 * np.trace(_root(r @ S2 @ r))
