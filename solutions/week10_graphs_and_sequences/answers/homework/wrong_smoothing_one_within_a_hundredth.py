"""Eigenvalues within a hundredth of 1 count as 1.

question: smoothing
fails: TestSmoothing::test_a_bottleneck
kind: subtle
"""

import numpy as np


def smoothing(adjacency, x):
    A = np.asarray(adjacency, np.float64) + np.eye(len(adjacency))
    r = np.sqrt(A.sum(1))
    w, V = np.linalg.eigh(A / np.outer(r, r))
    one = np.isclose(w, 1.0, atol=0.01)
    rest = np.abs(w[~one])
    return (V[:, one] @ V[:, one].T @ np.asarray(x), float(rest.max()) if len(rest) else 0.0)
