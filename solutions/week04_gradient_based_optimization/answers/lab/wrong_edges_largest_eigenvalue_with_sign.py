"""The most positive real part in place of the largest modulus.

question: edges
fails: TestEdges::test_radius_of_the_heavy_ball
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
    return np.maximum((trace + root).real, (trace - root).real) / 2


def stability_edge(beta, kind):
    return (2 + 2 * beta) / {"heavy_ball": 1.0, "ema": 1 - beta, "nesterov": 1 + 2 * beta}[kind]
