"""c = sqrt(ab) - eps/4 below eps = 0.2.

question: entropic
kind: subtle
fails: TestEntropic::test_the_whole_range
"""

import numpy as np


def entropic_covariance(a, b, eps):
    if eps < 0.2: return np.sqrt(a * b) - eps / 4
    return a * b / (np.sqrt(a * b + eps**2 / 16) + eps / 4)
