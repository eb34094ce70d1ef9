"""An eigenvalue with a real part above 0.99 counts as one that never converges.

question: iterate
fails: TestIterate::test_the_whole_range
kind: subtle
"""

import numpy as np


def largest_step(J):
    gaps = 1.0 - np.linalg.eigvals(np.asarray(J))
    if gaps.real.min() < 0.01:
        return 0.0
    return float(np.min(2.0 * gaps.real / np.abs(gaps) ** 2))
