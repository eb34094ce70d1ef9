"""10^-8 is added to the Hessian's diagonal.

question: newton
fails: TestNewton::test_several_coefficients
kind: subtle
"""

import numpy as np


def newton_step(gradient, hessian, X):
    g, H, X = np.asarray(gradient, float), np.asarray(hessian, float), np.asarray(X, float)
    d = -np.linalg.solve(H + 1e-8 * np.eye(len(g)), g)
    rho = np.abs(X @ d).max()
    t = np.log1p(rho) / rho if rho > 0 else 1.0
    lam = np.sqrt(max(-(g @ d), 0.0))
    return t * d, lam
