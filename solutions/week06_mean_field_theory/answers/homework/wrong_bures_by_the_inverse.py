"""The Cholesky factor of a covariance that may be singular.

question: bures
kind: subtle
fails: TestBures::test_singular_covariances
"""

import numpy as np


def squared_distance(m1, S1, m2, S2):
    S1, S2 = np.asarray(S1), np.asarray(S2)
    overlap = np.linalg.svd(np.linalg.cholesky(S1).T @ np.linalg.cholesky(S2), compute_uv=False).sum()
    return np.sum((np.asarray(m1) - np.asarray(m2)) ** 2) + np.trace(S1 + S2) - 2 * overlap
