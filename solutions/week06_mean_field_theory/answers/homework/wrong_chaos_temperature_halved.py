"""Noise of variance T dt in place of 2T dt.

question: chaos
kind: usual
fails: TestChaos::test_the_law
fails: TestChaos::test_distance_to_the_twin
"""

import numpy as np
import scipy.special


def mean_field_law(m0, S0, A, kappa, temperature, t):
    alpha, V = np.linalg.eigh(np.asarray(A))
    rates = alpha[:, None] + alpha + 2 * kappa
    noise = np.diag(temperature * t * scipy.special.exprel(-np.diag(rates) * t))
    S = V @ (V.T @ np.asarray(S0) @ V * np.exp(-rates * t) + noise) @ V.T
    return V @ (np.exp(-alpha * t) * (V.T @ np.asarray(m0))), S


def twin_distance(n, S0, A, kappa, temperature, t):
    alpha, V = np.linalg.eigh(np.asarray(A))
    start = np.diag(V.T @ np.asarray(S0) @ V)
    h = lambda r: start * np.exp(-r * t) + temperature * t * scipy.special.exprel(-r * t)
    return np.sum(h(2 * alpha) - 2 * h(2 * alpha + kappa) + h(2 * alpha + 2 * kappa)) / n
