"""Odd wave numbers by the formula of the even ones.

question: circle
fails: TestCircle::test_all_modes
kind: usual
"""

import numpy as np


def circle_eigenvalues(k):
    k = np.asarray(k, np.float64)
    gap = np.where(k == 1, 1.0, k**2 - 1)
    even = 2 * (k**2 + 3) / (np.pi * gap) ** 2
    return np.where(k == 1, 0.5, even)
