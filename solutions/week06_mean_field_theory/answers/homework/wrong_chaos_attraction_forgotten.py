"""The covariance decays with A alone.

question: chaos
kind: usual
fails: TestChaos::test_the_law
"""

import numpy as np
import scipy.special


def mean_field_law(m0, S0, A, kappa, temperature, t):
    alpha, V = np.linalg.eigh(np.asarray(A))
    rates = alpha[:, None] + alpha
    noise = np.diag(2 * temperature * t * scipy.special.exprel(-np.diag(rates) * t))
    S = V @ (V.T @ np.asarray(S0) @ V * np.exp(-rates * t) + noise) @ V.T
    return V @ (np.exp(-alpha * t) * (V.T @ np.asarray(m0))), S
