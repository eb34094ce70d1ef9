"""Eigenvalues as roots of the characteristic polynomial, which is hopeless for large d.

question: iterate
fails: TestIterate::test_the_whole_range
kind: subtle
"""

import numpy as np


def largest_step(J):
    J = np.asarray(J)
    mu = np.roots(np.poly(J))
    gaps = 1 - mu
    return max(0.0, float(np.min(2 * gaps.real / np.abs(gaps) ** 2)))
