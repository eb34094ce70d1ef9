"""Only the noise, as if all particles started in one point.

question: chaos
kind: usual
fails: TestChaos::test_distance_to_the_twin
"""

import numpy as np
import scipy.special


def twin_distance(n, S0, A, kappa, temperature, t):
    alpha, V = np.linalg.eigh(np.asarray(A))
    h = lambda r: 2 * temperature * t * scipy.special.exprel(-r * t)
    return np.sum(h(2 * alpha) - 2 * h(2 * alpha + kappa) + h(2 * alpha + 2 * kappa)) / n
