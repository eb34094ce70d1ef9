"""The edge of Nesterov is taken to be that of the heavy ball.

question: edges
fails: TestEdges::test_edges
kind: usual
"""

import numpy as np


def step_radius(x, beta, kind):
    x = np.asarray(x, np.float64)
    if kind == "nesterov":
        trace, det = 1 + beta - (1 + beta) * x, beta * (1 - x)
    else:
        trace, det = 1 + beta - (x if kind == "heavy_ball" else (1 - beta) * x), beta + 0 * x
    root = np.sqrt((trace**2 - 4 * det).astype(complex))
    return np.maximum(abs(trace + root), abs(trace - root)) / 2


def stability_edge(beta, kind):
    return (2 + 2 * beta) / (1 - beta if kind == "ema" else 1.0)
