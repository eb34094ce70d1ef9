"""Nesterov's matrix with beta in place of beta squared.

question: edges
fails: TestEdges::test_radius_of_nesterov
kind: usual
"""

import numpy as np


def step_radius(x, beta, kind):
    x = np.asarray(x, np.float64)
    gain = (1 - beta) * x if kind == "ema" else x
    if kind == "nesterov":
        M = np.stack([1 - x, -beta + 0 * x, x, beta + 0 * x], axis=-1)
    else:
        M = np.stack([1 - gain, -beta + 0 * x, gain, beta + 0 * x], axis=-1)
    return abs(np.linalg.eigvals(M.reshape(-1, 2, 2))).max(axis=-1)


def stability_edge(beta, kind):
    return (2 + 2 * beta) / {"heavy_ball": 1.0, "ema": 1 - beta, "nesterov": 1 + 2 * beta}[kind]
