"""Multiplies the covariance by M from one side only.

question: langevin
fails: TestLangevin::test_a_few_steps
kind: usual
"""

import numpy as np


def langevin_transient(K, T, eta, means, cov, steps):
    K, means, cov = np.asarray(K, np.float64), np.asarray(means, np.float64), np.asarray(cov, np.float64)
    M = np.eye(len(K)) - eta * K
    for _ in range(steps):
        means, cov = means @ M, M @ cov + 2 * eta * T * np.eye(len(K))
    return means, cov
