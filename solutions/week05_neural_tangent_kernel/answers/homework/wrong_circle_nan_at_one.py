"""0/0 at k = 1.

question: circle
fails: TestCircle::test_even_modes_and_the_lowest
kind: usual
"""

import numpy as np


def circle_eigenvalues(k):
    k = np.asarray(k, np.float64)
    even = 2 * (k**2 + 3) / (np.pi * (k**2 - 1)) ** 2
    return np.where(k % 2 == 0, even, 0.0 * even)
