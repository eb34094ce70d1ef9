"""The gap of the distribution functions is squared (Cramer's distance).

question: line
fails: TestLine::test_distance
kind: usual
"""

import numpy as np


def wasserstein(x, p, y, q):
    x, p, y, q = (np.asarray(a, np.float64) for a in (x, p, y, q))
    t = np.unique(np.concatenate([x, y]))
    gap = (x <= t[:, None]) @ p - (y <= t[:, None]) @ q
    return float(np.sum(gap[:-1] ** 2 * np.diff(t)))
