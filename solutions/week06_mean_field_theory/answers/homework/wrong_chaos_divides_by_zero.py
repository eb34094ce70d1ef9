"""(1 - e^(-rt))/r where r may be 0.

question: chaos
kind: usual
fails: TestChaos::test_the_whole_range
"""

import numpy as np


def mean_field_law(m0, S0, A, kappa, temperature, t):
    alpha, V = np.linalg.eigh(np.asarray(A))
    rates = alpha[:, None] + alpha + 2 * kappa
    noise = np.diag(2 * temperature * (1 - np.exp(-np.diag(rates) * t)) / np.diag(rates))
    S = V @ (V.T @ np.asarray(S0) @ V * np.exp(-rates * t) + noise) @ V.T
    return V @ (np.exp(-alpha * t) * (V.T @ np.asarray(m0))), S
