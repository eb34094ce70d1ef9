"""0 wherever plain iteration does not converge.

question: iterate
fails: TestIterate::test_largest_step
kind: usual
"""

import numpy as np


def largest_step(J):
    gaps = 1.0 - np.linalg.eigvals(np.asarray(J))
    if np.abs(1.0 - gaps).max() > 1:
        return 0.0
    return np.min(2.0 * gaps.real / np.abs(gaps) ** 2)
