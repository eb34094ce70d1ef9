"""Thinks that the leading order, too, exists below 2 / lambda_max only.

question: sgd
fails: TestSgd::test_leading_order
kind: usual
"""

import numpy as np


def sgd_covariance_leading(H, C, eta, batch):
    h, V = np.linalg.eigh(np.asarray(H, np.float64))
    if eta * h[-1] >= 2:
        raise ValueError("unstable")
    return eta / batch * V @ ((V.T @ np.asarray(C) @ V) / (h[:, None] + h)) @ V.T
