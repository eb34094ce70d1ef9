"""Surpluses and deficits cancel: the modulus stands outside the integral.

question: line
fails: TestLine::test_around
kind: usual
"""

import numpy as np


def wasserstein(x, p, y, q):
    x, p, y, q = (np.asarray(a, np.float64) for a in (x, p, y, q))
    t = np.unique(np.concatenate([x, y]))
    gap = (x <= t[:, None]) @ p - (y <= t[:, None]) @ q
    return float(np.abs(np.sum(gap[:-1] * np.diff(t))))


def critic(x, p, y, q):
    x, p, y, q = (np.asarray(a, np.float64) for a in (x, p, y, q))
    t = np.unique(np.concatenate([x, y]))
    gap = (x <= t[:, None]) @ p - (y <= t[:, None]) @ q
    slope = -np.sign(np.sum(gap[:-1] * np.diff(t)))
    return slope * x, slope * y
