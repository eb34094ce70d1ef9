"""Finite steps cool: the correction with the wrong sign.

question: langevin
fails: TestLangevin::test_one_mode
kind: usual
"""

import numpy as np


def langevin_stationary(K, T, eta):
    K = np.asarray(K, np.float64)
    if eta * np.linalg.eigvalsh(K)[-1] >= 2:
        raise ValueError("unstable")
    return T * np.linalg.inv(K + eta * K @ K / 2)
