"""Rates below 1e-3 count as 0.

question: chaos
kind: subtle
fails: TestChaos::test_the_whole_range
"""

import numpy as np
import scipy.linalg


def mean_field_law(m0, S0, A, kappa, temperature, t):
    m0, S0, A = (np.asarray(v, float) for v in (m0, S0, A))

    alpha, V = np.linalg.eigh(A)
    r = alpha + kappa
    grown = np.where(np.abs(r) < 1e-3, 2 * t, -np.expm1(-2 * r * t) / np.where(np.abs(r) < 1e-3, 1, r))
    S = (V.T @ S0 @ V) * np.exp(-(r[:, None] + r) * t) + temperature * np.diag(grown)
    return V @ (np.exp(-alpha * t) * (V.T @ m0)), V @ S @ V.T
