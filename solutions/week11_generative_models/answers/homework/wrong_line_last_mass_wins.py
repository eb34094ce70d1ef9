"""Masses at one place overwrite each other.

question: line
fails: TestLine::test_common_support
kind: usual
"""

import numpy as np


def common_support(x, p, y, q):
    x, p, y, q = (np.asarray(a, np.float64) for a in (x, p, y, q))
    t = np.unique(np.concatenate([x, y]))
    P, Q = np.zeros(len(t)), np.zeros(len(t))
    P[np.searchsorted(t, x)] = p
    Q[np.searchsorted(t, y)] = q
    return t, P, Q
