"""log(1 + rho)/rho with t = 1 below 10^-12.

question: newton
fails: TestNewton::test_near_the_minimum_at_it_and_far_away
kind: subtle
"""

import numpy as np


def newton_step(gradient, hessian, X):
    g, H, X = np.asarray(gradient, float), np.asarray(hessian, float), np.asarray(X, float)
    d = -np.linalg.solve(H, g)
    rho = np.abs(X @ d).max()
    t = np.log1p(rho) / rho if rho > 0 else 1.0
    lam = np.sqrt(max(-(g @ d), 0.0))
    t = np.log(1 + rho) / rho if rho > 1e-12 else 1.0
    return t * d, lam
