"""Columns in between, and axes of length 1 dropped at the end.

question: ensemble
fails: TestEnsemble::test_one_network
kind: subtle
"""

import numpy as np


def trained_limit(T, T_new, y, f0, f0_new):
    T, T_new, y, f0, f0_new = (np.asarray(a, np.float64) for a in (T, T_new, y, f0, f0_new))
    return np.squeeze(f0_new[:, None] + T_new @ np.linalg.solve(T, (y - f0)[:, None]))
