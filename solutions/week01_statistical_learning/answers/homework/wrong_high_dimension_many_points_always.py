"""The approximation log(2)/N for every N.

question: high_dimension
fails: TestHighDimension::test_nearest
kind: subtle
"""

import numpy as np


def nearest(d, N):
    return (np.log(2) / N) ** (1 / d)
