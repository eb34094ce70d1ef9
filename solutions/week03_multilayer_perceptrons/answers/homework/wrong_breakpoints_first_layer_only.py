"""Finds the kinks of the first hidden layer and stops.

question: breakpoints
fails: TestBreakpoints::test_deep_network
fails: TestBreakpoints::test_folded_interval
kind: usual
"""

import numpy as np


def breakpoints(layers, start, end):
    W, b = (np.asarray(a, np.float64) for a in layers[0])
    start, end = np.asarray(start, np.float64), np.asarray(end, np.float64)
    at_start, slope = start @ W + b, (end - start) @ W
    t = -at_start / slope
    return np.sort(t[(t > 0) & (t < 1)])
