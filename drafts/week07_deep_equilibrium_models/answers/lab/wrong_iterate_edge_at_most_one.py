"""No step larger than 1 is considered.

question: iterate
fails: TestIterate::test_the_whole_range
kind: usual
"""

import numpy as np


def largest_step(J):
    gaps = 1.0 - np.linalg.eigvals(np.asarray(J))
    if gaps.real.min() < 0:
        return 0.0
    return min(1.0, np.min(2.0 * gaps.real / np.abs(gaps) ** 2))
