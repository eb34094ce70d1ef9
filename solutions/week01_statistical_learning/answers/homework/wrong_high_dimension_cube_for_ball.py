"""The volume fraction without the power: rho = 1 - 2^(-1/N).

question: high_dimension
fails: TestHighDimension::test_nearest
kind: usual
"""

import numpy as np


def nearest(d, N):
    return -np.expm1(-np.log(2) / N)
