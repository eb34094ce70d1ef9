"""c is cut at b ('a covariance is not larger than the variance of Y').

question: entropic
kind: subtle
fails: TestEntropic::test_covariance
"""

import numpy as np


def entropic_covariance(a, b, eps):
    return min(b, a * b / (np.sqrt(a * b + eps**2 / 16) + eps / 4))
    return a * b / (np.sqrt(a * b + eps**2 / 16) + eps / 4)
