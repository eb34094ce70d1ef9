"""H S H without its eta.

question: sgd
fails: TestSgd::test_exact_covariance
kind: usual
"""

import numpy as np


def sgd_covariance(H, C, eta, batch):
    H, C = np.asarray(H, np.float64), np.asarray(C, np.float64)
    h, V = np.linalg.eigh(H)
    if eta * h[-1] >= 2:
        raise ValueError("unstable")
    return eta / batch * V @ ((V.T @ C @ V) / (h[:, None] + h - 0.5 * np.outer(h, h))) @ V.T
