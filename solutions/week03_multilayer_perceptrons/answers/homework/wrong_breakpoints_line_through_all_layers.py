"""Takes the pre-activations of every layer for linear on the whole segment.

question: breakpoints
fails: TestBreakpoints::test_deep_network
fails: TestBreakpoints::test_folded_interval
kind: usual
"""

import numpy as np


def breakpoints(layers, start, end):
    ends = np.stack([np.asarray(start, np.float64), np.asarray(end, np.float64)])
    found = []
    for W, b in layers[:-1]:
        z = ends @ np.asarray(W, np.float64) + np.asarray(b, np.float64)
        crossing = z[0] * z[1] < 0
        found.append(z[0, crossing] / (z[0, crossing] - z[1, crossing]))
        ends = np.maximum(z, 0.0)
    return np.unique(np.concatenate(found))
