"""The limit is believed to be the mean over all nodes.

question: smoothing
fails: TestSmoothing::test_a_connected_graph
fails: TestSmoothing::test_several_components
kind: usual
"""

import numpy as np


def smoothing(adjacency, x):
    loops = np.asarray(adjacency, np.float64) + np.eye(len(adjacency))
    root = np.sqrt(loops.sum(axis=1))
    values = np.linalg.eigvalsh(loops / np.outer(root, root))
    kept = values > 0.9995
    limit = np.tile(np.mean(x, axis=0), (len(x), 1))
    return limit, float(np.abs(values[~kept]).max(initial=0.0))
