"""The half of the divergence is missing.

question: entropic
kind: usual
fails: TestEntropic::test_covariance
"""

import numpy as np


def entropic_covariance(a, b, eps):
    return a * b / (np.sqrt(a * b + eps**2 / 4) + eps / 2)


def entropic_cost(a, b, eps):
    c = entropic_covariance(a, b, eps)
    return a + b - 2 * c - eps * np.log1p(-(c**2) / (a * b))
