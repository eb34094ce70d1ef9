"""Only the last eigenvector is kept, as if the graph were connected.

question: smoothing
fails: TestSmoothing::test_several_components
kind: usual
"""

import numpy as np


def smoothing(adjacency, x):
    loops = np.asarray(adjacency, np.float64) + np.eye(len(adjacency))
    root = np.sqrt(loops.sum(axis=1))
    values, vectors = np.linalg.eigh(loops / np.outer(root, root))
    kept = np.arange(len(values)) == len(values) - 1
    limit = vectors[:, kept] @ vectors[:, kept].T @ np.asarray(x, np.float64)
    return limit, float(np.abs(values[~kept]).max(initial=0.0))
