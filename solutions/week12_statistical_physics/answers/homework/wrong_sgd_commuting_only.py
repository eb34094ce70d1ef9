"""Solves with C (2 H - eta H^2)^-1, which needs H and C to commute.

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
    return eta / batch * C @ np.linalg.inv(2 * H - eta * H @ H)
