"""tr (..)^(1/2) with S1 divided by its trace: NaN where S1 is 0.

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
    values = np.linalg.eigvals((S1 / a) @ S2).real
    return np.sum((m1 - m2) ** 2) + a + b - 2 * np.sqrt(a) * np.sqrt(np.maximum(values, 0)).sum()
