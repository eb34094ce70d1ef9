"""theta moves with the old velocity.

question: edges
fails: TestEdges::test_radius_of_the_heavy_ball
kind: usual
"""

import numpy as np


def step_radius(x, beta, kind):
    x = np.asarray(x, np.float64)
    gain = (1 - beta) * x if kind == "ema" else x
    M = np.stack([1 + 0 * x, -1 + 0 * x, gain, beta + 0 * x], axis=-1).reshape(-1, 2, 2)
    return abs(np.linalg.eigvals(M)).max(axis=-1)


def stability_edge(beta, kind):
    return (2 + 2 * beta) / {"heavy_ball": 1.0, "ema": 1 - beta, "nesterov": 1 + 2 * beta}[kind]
