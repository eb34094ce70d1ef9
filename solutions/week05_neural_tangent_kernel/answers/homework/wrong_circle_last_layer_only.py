"""The kernel of the last layer alone, without that of the first.

question: circle
fails: TestCircle::test_even_modes_and_the_lowest
kind: usual
"""

import numpy as np


def circle_eigenvalues(k):
    k = np.asarray(k, np.float64)
    gap = np.where(k == 1, 1.0, k**2 - 1)
    return np.where(k == 1, 0.25, np.where(k % 2 == 0, 4 / (np.pi * gap) ** 2, 0.0))
