"""Noise of eta * sqrt(2 T) for sqrt(2 eta T): its variance is 2 eta^2 T.

question: langevin
fails: TestLangevin::test_a_few_steps
kind: usual
"""

import numpy as np


def langevin_transient(K, T, eta, means, cov, steps):
    K, means, cov = np.asarray(K, np.float64), np.asarray(means, np.float64), np.asarray(cov, np.float64)
    M = np.eye(len(K)) - eta * K
    for _ in range(steps):
        means, cov = means @ M, M @ cov @ M + 2 * eta**2 * T * np.eye(len(K))
    return means, cov
