"""1e-4 is added to the diagonal of T.

question: ensemble
fails: TestEnsemble::test_one_network
fails: TestEnsemble::test_moments_at_the_end
kind: subtle
"""

import numpy as np


def trained_limit(T, T_new, y, f0, f0_new):
    T, T_new, y, f0, f0_new = (np.asarray(a, np.float64) for a in (T, T_new, y, f0, f0_new))
    T = T + 1e-4 * np.eye(len(T))
    return f0_new + T_new @ np.linalg.solve(T, y - f0)


def ensemble_moments(T, T_new, K, K_cross, K_new, y, t):
    T, T_new, K, K_cross, K_new, y = (np.asarray(a, np.float64) for a in (T, T_new, K, K_cross, K_new, y))
    values, V = np.linalg.eigh(T + 1e-4 * np.eye(len(T)))
    P = T_new @ (V * (-np.expm1(-values * t / len(y)) / values)) @ V.T
    mixed = P @ K_cross.T
    return P @ y, K_new - mixed - mixed.T + P @ K @ P.T
