"""(1 - e^(-rt))/r with an exception for r == 0 exactly: eigh of a turned A gives 1e-17 in place of 0, and then the heat
of this direction is 0.

question: chaos
kind: subtle
fails: TestChaos::test_the_whole_range
"""

import numpy as np


def _grown(r, t):
    return np.where(r == 0, t, (1 - np.exp(-r * t)) / np.where(r == 0, 1, r))


def mean_field_law(m0, S0, A, kappa, temperature, t):
    m0, S0, A = (np.asarray(v, float) for v in (m0, S0, A))
    alpha, V = np.linalg.eigh(A)
    r = alpha[:, None] + alpha + 2 * kappa
    S = (V.T @ S0 @ V) * np.exp(-r * t) + 2 * temperature * np.diag(_grown(np.diag(r), t))
    return V @ (np.exp(-alpha * t) * (V.T @ m0)), V @ S @ V.T


def twin_distance(n, S0, A, kappa, temperature, t):
    alpha, V = np.linalg.eigh(np.asarray(A, float))
    a = np.diag(V.T @ np.asarray(S0, float) @ V)
    h = lambda r: a * np.exp(-r * t) + 2 * temperature * _grown(r, t)
    return np.sum(h(2 * alpha) - 2 * h(2 * alpha + kappa) + h(2 * alpha + 2 * kappa)) / n
