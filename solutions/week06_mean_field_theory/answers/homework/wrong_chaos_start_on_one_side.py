"""e^(-2(A + kappa)t) S0, as if S0 commuted with A.

question: chaos
kind: usual
fails: TestChaos::test_the_law
"""

import numpy as np
import scipy.linalg
import scipy.special


def mean_field_law(m0, S0, A, kappa, temperature, t):
    A = np.asarray(A)
    alpha, V = np.linalg.eigh(A)
    rates = 2 * (alpha + kappa)
    noise = (V * (2 * temperature * t * scipy.special.exprel(-rates * t))) @ V.T
    return scipy.linalg.expm(-A * t) @ np.asarray(m0), (V * np.exp(-rates * t)) @ V.T @ np.asarray(S0) + noise
