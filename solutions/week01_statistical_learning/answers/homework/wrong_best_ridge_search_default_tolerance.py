"""A bounded search in the logarithm of lambda with the default tolerance, between 1e-3 and 1e3.

question: best_ridge
fails: TestBestRidge::test_best_lambda_and_its_risk
kind: subtle
"""

import numpy as np, scipy.optimize


def best_ridge(n, p, noise, signal, transform):
    f = lambda u: float(ridge_risk(n, p, float(np.exp(u)), noise, signal, transform))
    r = scipy.optimize.minimize_scalar(f, bounds=(np.log(1e-3), np.log(1e3)), method="bounded")
    return float(np.exp(r.x)), r.fun
