"""For eps > 1e3 the plan is independent and costs a + b.

question: entropic
kind: subtle
fails: TestEntropic::test_the_whole_range
"""

import numpy as np


def entropic_cost(a, b, eps):
    if eps > 1e3:
        return a + b
    c = entropic_covariance(a, b, eps)
    return a + b - 2 * c - eps / 2 * np.log1p(-(c**2) / (a * b))
