"""Bisection of the spectral radius between 0 and 128; larger edges come out as 128.

question: iterate
fails: TestIterate::test_the_whole_range
kind: subtle
"""

import numpy as np


def largest_step(J):
    J = np.asarray(J)
    I = np.eye(len(J))
    ev = np.linalg.eigvals(J - I)
    if ev.real.max() >= 0:
        return 0.0
    low, high = 0.0, 128.0
    for _ in range(100):
        mid = (low + high) / 2
        low, high = (mid, high) if np.abs(1 + mid * ev).max() < 1 else (low, mid)
    return low
