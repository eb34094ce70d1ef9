"""n - 1 others in place of n particles.

question: chaos
kind: subtle
fails: TestChaos::test_distance_to_the_twin
"""

import numpy as np
import scipy.special


def twin_distance(n, S0, A, kappa, temperature, t):
    alpha, V = np.linalg.eigh(np.asarray(A))
    start = np.diag(V.T @ np.asarray(S0) @ V)
    h = lambda r: start * np.exp(-r * t) + 2 * temperature * t * scipy.special.exprel(-r * t)
    return np.sum(h(2 * alpha) - 2 * h(2 * alpha + kappa) + h(2 * alpha + 2 * kappa)) / max(n - 1, 1)
