"""One temperature for all modes, that of the stiffest.

question: langevin
fails: TestLangevin::test_anisotropic
kind: usual
"""

import numpy as np


def langevin_stationary(K, T, eta):
    K = np.asarray(K, np.float64)
    if eta * np.linalg.eigvalsh(K)[-1] >= 2:
        raise ValueError("unstable")
    return T / (1 - eta * np.linalg.eigvalsh(K)[-1] / 2) * np.linalg.inv(K)
