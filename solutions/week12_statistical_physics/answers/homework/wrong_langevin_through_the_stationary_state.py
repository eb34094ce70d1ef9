"""Relaxes towards the stationary covariance, which does not exist at and beyond the limit.

question: langevin
fails: TestLangevin::test_beyond_the_limit
kind: usual
"""

import numpy as np


def langevin_transient(K, T, eta, means, cov, steps):
    K = np.asarray(K, np.float64)
    M = np.linalg.matrix_power(np.eye(len(K)) - eta * K, steps)
    stationary = langevin_stationary(K, T, eta)
    return np.asarray(means) @ M, stationary + M @ (np.asarray(cov) - stationary) @ M
