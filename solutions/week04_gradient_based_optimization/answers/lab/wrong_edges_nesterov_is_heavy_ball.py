"""Nesterov has the heavy ball's matrix and edge.

question: edges
fails: TestEdges::test_radius_of_nesterov
fails: TestEdges::test_edges
kind: usual
"""

import numpy as np


def step_radius(x, beta, kind):
    x = np.asarray(x, np.float64)
    trace, det = 1 + beta - (x if kind != "ema" else (1 - beta) * x), beta + 0 * x
    root = np.sqrt((trace**2 - 4 * det).astype(complex))
    return np.maximum(abs(trace + root), abs(trace - root)) / 2


def stability_edge(beta, kind):
    return (2 + 2 * beta) / (1 - beta if kind == "ema" else 1.0)
