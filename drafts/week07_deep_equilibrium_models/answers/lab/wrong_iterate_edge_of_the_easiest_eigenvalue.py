"""The largest of the bounds.

question: iterate
fails: TestIterate::test_largest_step
kind: usual
"""

import numpy as np


def largest_step(J):
    gaps = 1.0 - np.linalg.eigvals(np.asarray(J))
    if gaps.real.min() < 0:
        return 0.0
    return np.max(2.0 * gaps.real / np.abs(gaps) ** 2)
