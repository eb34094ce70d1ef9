"""A bounded search for lambda between 0 and 1000.

question: best_ridge
fails: TestBestRidge::test_best_lambda_and_its_risk
kind: subtle
"""

import scipy.optimize


def best_ridge(n, p, noise, signal, transform):
    f = lambda lam: float(ridge_risk(n, p, lam, noise, signal, transform))
    r = scipy.optimize.minimize_scalar(f, bounds=(1e-6, 1000.0), method="bounded", options={"xatol": 1e-8})
    return r.x, r.fun
