"""Places are sorted, their weights are not.

question: line
fails: TestLine::test_distance
kind: usual
"""

import numpy as np


def wasserstein(x, p, y, q):
    x, p, y, q = (np.asarray(a, np.float64) for a in (x, p, y, q))
    x, y = np.sort(x), np.sort(y)
    t = np.unique(np.concatenate([x, y]))
    gap = (x <= t[:, None]) @ p - (y <= t[:, None]) @ q
    return float(np.sum(np.abs(gap[:-1]) * np.diff(t)))
