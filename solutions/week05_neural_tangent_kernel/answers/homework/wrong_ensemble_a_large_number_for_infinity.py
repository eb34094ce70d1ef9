"""t = inf is replaced by 100.

question: ensemble
fails: TestEnsemble::test_moments_at_the_end
kind: subtle
"""

import numpy as np


def ensemble_moments(T, T_new, K, K_cross, K_new, y, t):
    T, T_new, K, K_cross, K_new, y = (np.asarray(a, np.float64) for a in (T, T_new, K, K_cross, K_new, y))
    t = min(t, 100.0)
    values, V = np.linalg.eigh(T)
    P = T_new @ (V * (-np.expm1(-values * t / len(y)) / values)) @ V.T
    mixed = P @ K_cross.T
    return P @ y, K_new - mixed - mixed.T + P @ K @ P.T
