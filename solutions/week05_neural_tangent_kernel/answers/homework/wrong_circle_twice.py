"""Coefficients of a cosine series, twice the eigenvalues.

question: circle
fails: TestCircle::test_even_modes_and_the_lowest
kind: usual
"""

import numpy as np


def circle_eigenvalues(k):
    k = np.asarray(k, np.float64)
    gap = np.where(k == 1, 1.0, k**2 - 1)
    even = 2 * (k**2 + 3) / (np.pi * gap) ** 2
    return np.where(k == 0, even, 2 * np.where(k == 1, 0.5, np.where(k % 2 == 0, even, 0.0)))
