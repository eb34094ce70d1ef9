"""The variances of the start in the given axes, not in those of A.

question: chaos
kind: usual
fails: TestChaos::test_distance_to_the_twin
"""

import numpy as np
import scipy.special


def twin_distance(n, S0, A, kappa, temperature, t):
    alpha = np.linalg.eigvalsh(np.asarray(A))
    start = np.diag(np.asarray(S0))
    h = lambda r: start * np.exp(-r * t) + 2 * temperature * t * scipy.special.exprel(-r * t)
    return np.sum(h(2 * alpha) - 2 * h(2 * alpha + kappa) + h(2 * alpha + 2 * kappa)) / n
