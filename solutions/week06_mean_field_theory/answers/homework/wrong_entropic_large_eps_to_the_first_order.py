"""c = 2ab/eps from eps = 1e4 on.

question: entropic
kind: subtle
fails: TestEntropic::test_the_whole_range
"""

import numpy as np


def entropic_covariance(a, b, eps):
    if eps >= 1e4: return 2 * a * b / eps
    return a * b / (np.sqrt(a * b + eps**2 / 16) + eps / 4)
