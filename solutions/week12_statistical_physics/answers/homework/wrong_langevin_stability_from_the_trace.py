"""Raises if eta times the trace of K is above 2.

question: langevin
fails: TestLangevin::test_anisotropic
kind: subtle
"""

import numpy as np


def langevin_stationary(K, T, eta):
    K = np.asarray(K, np.float64)
    if eta * np.trace(K) >= 2:
        raise ValueError("unstable")
    return T * np.linalg.inv(K - eta * K @ K / 2)
