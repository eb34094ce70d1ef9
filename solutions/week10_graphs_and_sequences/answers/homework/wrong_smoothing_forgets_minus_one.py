"""Eigenvalues near -1 are left out of the rate, too.

question: smoothing
fails: TestSmoothing::test_heavy_weights
kind: subtle
"""

import numpy as np


def smoothing(adjacency, x):
    A = np.asarray(adjacency, np.float64) + np.eye(len(adjacency))
    r = np.sqrt(A.sum(1))
    w, V = np.linalg.eigh(A / np.outer(r, r))
    one = w > 0.9995
    rest = np.abs(w)
    rest = rest[rest < 0.9995]
    return (V[:, one] @ V[:, one].T @ np.asarray(x), float(rest.max()) if len(rest) else 0.0)
