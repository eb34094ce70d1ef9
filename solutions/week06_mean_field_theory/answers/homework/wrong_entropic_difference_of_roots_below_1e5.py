"""sqrt(ab + eps^2/16) - eps/4 below eps = 1e5, the series above.

question: entropic
kind: subtle
fails: TestEntropic::test_the_whole_range
"""

import numpy as np


def entropic_covariance(a, b, eps):
    return np.sqrt(a * b + eps**2 / 16) - eps / 4 if eps < 9e4 else 2 * a * b / eps * (1 - 4 * a * b / eps**2)
    return a * b / (np.sqrt(a * b + eps**2 / 16) + eps / 4)
