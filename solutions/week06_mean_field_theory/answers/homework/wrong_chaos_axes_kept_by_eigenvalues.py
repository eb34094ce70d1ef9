"""The eigenbasis is kept by A's eigenvalues only: another A with the same eigenvalues gets the old axes.

question: chaos
kind: subtle
fails: TestChaos::test_the_whole_range
"""

import numpy as np
import scipy.special

_axes = {}


def mean_field_law(m0, S0, A, kappa, temperature, t):
    m0, S0, A = (np.asarray(v, float) for v in (m0, S0, A))
    key = tuple(np.round(np.linalg.eigvalsh(A), 9))
    alpha, V = _axes.setdefault(key, np.linalg.eigh(A))
    r = alpha[:, None] + alpha + 2 * kappa
    heat = np.diag(2 * temperature * t * scipy.special.exprel(-np.diag(r) * t))
    return V @ (np.exp(-alpha * t) * (V.T @ m0)), V @ ((V.T @ S0 @ V) * np.exp(-r * t) + heat) @ V.T
