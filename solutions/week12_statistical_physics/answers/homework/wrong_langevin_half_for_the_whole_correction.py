"""Forgets the half in K - eta K^2 / 2.

question: langevin
fails: TestLangevin::test_one_mode
kind: usual
"""

import numpy as np


def langevin_stationary(K, T, eta):
    K = np.asarray(K, np.float64)
    if eta * np.linalg.eigvalsh(K)[-1] >= 2:
        raise ValueError("unstable")
    return T * np.linalg.pinv(K - eta * K @ K)
