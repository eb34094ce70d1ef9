"""|M| by 100 power iterations with M^T M from a vector of ones.

question: monotone
fails: TestMonotone::test_the_equilibrium_and_the_ends_of_the_range
kind: subtle
"""

import numpy as np


def safe_step(W):
    M = np.eye(len(W)) - np.asarray(W)
    mu = np.linalg.eigvalsh((M + M.T) / 2)[0]
    v = np.ones(len(M))
    for _ in range(100):
        v = M.T @ (M @ v)
        v /= np.linalg.norm(v)
    l = np.linalg.norm(M @ v)
    return mu / l**2, np.sqrt(max(1 - (mu / l) ** 2, 0.0))
