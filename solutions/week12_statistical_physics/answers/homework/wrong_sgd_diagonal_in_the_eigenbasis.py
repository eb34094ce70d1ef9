"""Drops the off-diagonal entries of C in the eigenbasis of H.

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
    c = np.diag(V.T @ C @ V)
    return V @ np.diag(eta / batch * c / (2 * h - eta * h**2)) @ V.T
