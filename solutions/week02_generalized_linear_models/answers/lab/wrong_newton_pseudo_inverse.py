"""Pseudo-inverse with rcond 10^-4.

question: newton
fails: TestNewton::test_several_coefficients
kind: subtle
"""

import numpy as np


def newton_step(gradient, hessian, X):
    g, H, X = np.asarray(gradient, float), np.asarray(hessian, float), np.asarray(X, float)
    d = -np.linalg.pinv(H, rcond=1e-4) @ g
    rho = np.abs(X @ d).max()
    t = np.log1p(rho) / rho if rho > 0 else 1.0
    lam = np.sqrt(max(-(g @ d), 0.0))
    return t * d, lam
