"""The entropy is left out of the cost for eps < 1e-5.

question: entropic
kind: subtle
fails: TestEntropic::test_the_whole_range
"""

import numpy as np


def entropic_cost(a, b, eps):
    if eps < 1e-5:
        return (np.sqrt(a) - np.sqrt(b)) ** 2
    c = entropic_covariance(a, b, eps)
    return a + b - 2 * c - eps / 2 * np.log1p(-(c**2) / (a * b))
