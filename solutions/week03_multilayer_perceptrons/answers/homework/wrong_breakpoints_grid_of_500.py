"""Looks for changes of slope on a grid of 500 points and reports the grid points.

question: breakpoints
fails: TestBreakpoints::test_one_hidden_layer
fails: TestBreakpoints::test_deep_network
kind: usual
"""

import numpy as np


def breakpoints(layers, start, end):
    t = np.linspace(0.0, 1.0, 500)
    h = (1 - t)[:, None] * np.asarray(start, np.float64) + t[:, None] * np.asarray(end, np.float64)
    for depth, (W, b) in enumerate(layers, start=1):
        h = h @ np.asarray(W, np.float64) + np.asarray(b, np.float64)
        if depth < len(layers):
            h = np.maximum(h, 0.0)
    bent = np.abs(np.diff(h[:, 0], 2)) > 1e-9 * np.abs(h).max()
    first = bent & ~np.concatenate([[False], bent[:-1]])
    return t[1:-1][first]
