"""A negative step where there is none.

question: iterate
fails: TestIterate::test_the_whole_range
kind: usual
"""

import numpy as np


def largest_step(J):
    gaps = 1.0 - np.linalg.eigvals(np.asarray(J))
    return np.min(2.0 * gaps.real / np.abs(gaps) ** 2)
