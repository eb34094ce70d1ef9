"""For kappa < 0.015 the first term of the series in kappa.

question: chaos
kind: subtle
fails: TestChaos::test_the_whole_range
"""

import numpy as np
import scipy.special


def twin_distance(n, S0, A, kappa, temperature, t):
    alpha, V = np.linalg.eigh(np.asarray(A))
    a = np.diag(V.T @ np.asarray(S0) @ V)
    h = lambda r: a * np.exp(-r * t) + 2 * temperature * t * scipy.special.exprel(-r * t)
    small = kappa < 0.015
    k = 0.02 if small and kappa > 0 else kappa
    value = np.sum(h(2 * alpha) - 2 * h(2 * alpha + k) + h(2 * alpha + 2 * k)) / n
    return value * (kappa / 0.02) ** 2 if small else value
