"""1 - 2^(-1/N), and log(2)/N only where that is 0.

question: high_dimension
fails: TestHighDimension::test_nearest
kind: subtle
"""

import numpy as np


def nearest(d, N):
    u = 1 - 2.0 ** (-1.0 / N)
    if u == 0:
        u = np.log(2) / N
    return u ** (1 / d)
