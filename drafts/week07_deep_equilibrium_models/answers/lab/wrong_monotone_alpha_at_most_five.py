"""Alpha is searched between 0 and 6 only.

question: monotone
fails: TestMonotone::test_the_equilibrium_and_the_ends_of_the_range
kind: subtle
"""

import numpy as np


def safe_step(W):
    M = np.eye(len(W)) - np.asarray(W)
    mu, l = np.linalg.eigvalsh((M + M.T) / 2)[0], np.linalg.norm(M, 2)
    alpha = min(mu / l**2, 6.0)
    return alpha, np.sqrt(max(1 - 2 * alpha * mu + alpha**2 * l**2, 0.0))
