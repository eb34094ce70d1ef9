"""1 - 2^(-1/N) up to N = 1e12.

question: high_dimension
fails: TestHighDimension::test_nearest
kind: subtle
"""

import numpy as np


def nearest(d, N):
    u = 1 - 2.0 ** (-1.0 / N) if N < 1e12 else np.log(2) / N
    return u ** (1 / d)
