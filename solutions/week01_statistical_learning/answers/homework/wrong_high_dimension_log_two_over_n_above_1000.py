"""log(2)/N for N > 1000.

question: high_dimension
fails: TestHighDimension::test_nearest
kind: subtle
"""

import numpy as np


def nearest(d, N):
    return (np.log(2) / N) ** (1 / d) if N > 1000 else (1 - 2 ** (-1 / N)) ** (1 / d)
