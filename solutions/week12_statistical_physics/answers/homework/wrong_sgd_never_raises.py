"""Beyond the limit of stability it gives a matrix, not even a positive one.

question: sgd
fails: TestSgd::test_where_it_is_stable
kind: usual
"""

import numpy as np


def sgd_covariance(H, C, eta, batch):
    h, V = np.linalg.eigh(np.asarray(H, np.float64))
    return eta / batch * V @ ((V.T @ np.asarray(C) @ V) / (h[:, None] + h - eta * np.outer(h, h))) @ V.T
