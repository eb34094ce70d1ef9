"""Returns the formula's value beyond the limit of stability too.

question: langevin
fails: TestLangevin::test_where_it_is_stable
kind: usual
"""

import numpy as np


def langevin_stationary(K, T, eta):
    K = np.asarray(K, np.float64)
    return T * np.linalg.inv(K - eta * K @ K / 2)
