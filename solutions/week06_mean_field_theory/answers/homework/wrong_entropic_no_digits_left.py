"""The difference of a root and eps/4 for large eps.

question: entropic
kind: usual
fails: TestEntropic::test_the_whole_range
"""

import numpy as np


def entropic_covariance(a, b, eps):
    return np.sqrt(a * b + eps**2 / 16) - eps / 4
