"""The bound for real eigenvalues, applied to the real parts.

question: iterate
fails: TestIterate::test_largest_step
kind: usual
"""

import numpy as np


def largest_step(J):
    gaps = 1.0 - np.linalg.eigvals(np.asarray(J))
    if gaps.real.min() < 0:
        return 0.0
    return np.min(2.0 / gaps.real)
