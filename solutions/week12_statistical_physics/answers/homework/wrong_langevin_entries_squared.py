"""Squares and inverts entries in place of matrices: right in one dimension only.

question: langevin
fails: TestLangevin::test_anisotropic
kind: usual
"""

import numpy as np


def langevin_stationary(K, T, eta):
    K = np.asarray(K, np.float64)
    if eta * np.linalg.eigvalsh(K)[-1] >= 2:
        raise ValueError("unstable")
    return T * np.linalg.inv(K - eta * K**2 / 2)
