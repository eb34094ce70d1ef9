"""The limit for large k in place of the eigenvalue.

question: circle
fails: TestCircle::test_even_modes_and_the_lowest
kind: usual
"""

import numpy as np


def circle_eigenvalues(k):
    k = np.asarray(k, np.float64)
    return np.where(k == 1, 0.5, np.where(k == 0, 6 / np.pi**2, np.where(k % 2 == 0, 2 / (np.pi * np.maximum(k, 1)) ** 2, 0.0)))
