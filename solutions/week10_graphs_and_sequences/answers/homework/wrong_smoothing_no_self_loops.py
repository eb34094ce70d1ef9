"""Without self-loops.

question: smoothing
fails: TestSmoothing::test_a_connected_graph
kind: usual
"""

import numpy as np


def smoothing(adjacency, x):
    loops = np.asarray(adjacency, np.float64)
    root = np.sqrt(np.maximum(loops.sum(axis=1), 1e-12))
    values, vectors = np.linalg.eigh(loops / np.outer(root, root))
    kept = values > 0.9995
    limit = vectors[:, kept] @ vectors[:, kept].T @ np.asarray(x, np.float64)
    return limit, float(np.abs(values[~kept]).max(initial=0.0))
