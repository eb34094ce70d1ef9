"""Singular values below 10^-3 count as 0, whatever the scale of X.

question: early_stopping
fails: TestEarlyStopping::test_any_number_of_steps
kind: subtle
"""

import numpy as np


def early_stopped(X, y, eta, steps):
    X, y = np.asarray(X, float), np.asarray(y, float)
    n = len(y)
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    keep = s > 1e-8 * s[0]
    f = 1 - eta * s**2 / n
    learned = 1 - f**float(steps)
    keep = s > 1e-3
    return Vt.T @ (np.where(keep, learned / np.where(keep, s, 1.0), 0.0) * (U.T @ y))
