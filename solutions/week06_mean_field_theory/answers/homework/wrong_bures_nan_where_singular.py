"""The root of a rounded eigenvalue below 0 is NaN.

question: bures
kind: usual
fails: TestBures::test_singular_covariances
"""

import numpy as np


def squared_distance(m1, S1, m2, S2):
    S1, S2 = np.asarray(S1), np.asarray(S2)
    values, V = np.linalg.eigh(S1)
    root = (V * np.sqrt(values - 1e-15)) @ V.T
    overlap = np.sqrt(np.linalg.eigvalsh(root @ S2 @ root)).sum()
    return np.sum((np.asarray(m1) - np.asarray(m2)) ** 2) + np.trace(S1 + S2) - 2 * overlap
