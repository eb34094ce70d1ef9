"""Sorted atoms are matched one by one, weights ignored.

question: line
fails: TestLine::test_distance
kind: usual
"""

import numpy as np


def wasserstein(x, p, y, q):
    u = (np.arange(840) + 0.5) / 840
    quantile = lambda places: np.sort(np.asarray(places, np.float64))[(u * len(places)).astype(int)]
    return float(np.mean(np.abs(quantile(x) - quantile(y))))
