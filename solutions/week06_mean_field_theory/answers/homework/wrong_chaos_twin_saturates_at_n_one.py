"""n - 1 in place of n... for n = 1 the distance is 0 (no others attract it) only when T = 0.

question: chaos
kind: subtle
fails: TestChaos::test_start_alone_and_noise_alone
"""

import numpy as np
import scipy.special


def twin_distance(n, S0, A, kappa, temperature, t):
    if n == 1 and temperature == 0:
        return 0.0
    alpha, V = np.linalg.eigh(np.asarray(A))
    a = np.diag(V.T @ np.asarray(S0) @ V)
    h = lambda r: a * np.exp(-r * t) + 2 * temperature * t * scipy.special.exprel(-r * t)
    return np.sum(h(2 * alpha) - 2 * h(2 * alpha + kappa) + h(2 * alpha + 2 * kappa)) / n
