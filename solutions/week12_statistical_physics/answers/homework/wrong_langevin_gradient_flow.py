"""Relaxes as the continuous dynamics: exp(-eta K) for 1 - eta K.

question: langevin
fails: TestLangevin::test_a_few_steps
kind: usual
"""

import numpy as np
import scipy.linalg


def langevin_transient(K, T, eta, means, cov, steps):
    K, means, cov = np.asarray(K, np.float64), np.asarray(means, np.float64), np.asarray(cov, np.float64)
    M = scipy.linalg.expm(-eta * K)
    for _ in range(steps):
        means, cov = means @ M, M @ cov @ M + 2 * eta * T * np.eye(len(K))
    return means, cov
