"""The second-largest eigenvalue, sign included.

question: smoothing
fails: TestSmoothing::test_heavy_weights
kind: usual
"""

import numpy as np


def smoothing(adjacency, x):
    loops = np.asarray(adjacency, np.float64) + np.eye(len(adjacency))
    root = np.sqrt(loops.sum(axis=1))
    values, vectors = np.linalg.eigh(loops / np.outer(root, root))
    kept = values > 0.9995
    limit = vectors[:, kept] @ vectors[:, kept].T @ np.asarray(x, np.float64)
    return limit, float(max(values[~kept].max(initial=-1.0), 0.0))
