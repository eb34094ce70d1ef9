"""The limit for large k from 40 on.

question: circle
fails: TestCircle::test_all_modes
kind: subtle
"""

import numpy as np


def circle_eigenvalues(k):
    k = np.asarray(k, np.float64)
    found = np.divide(2 * (k**2 + 3), (np.pi * (k**2 - 1)) ** 2, out=np.zeros(len(k)), where=k % 2 == 0)
    found[k == 1] = 0.5
    return np.where((k >= 40) & (k % 2 == 0), 2 / (np.pi * np.maximum(k, 1)) ** 2, found)
