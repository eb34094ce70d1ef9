"""The best of forty lambdas on a grid.

question: best_ridge
fails: TestBestRidge::test_best_lambda_and_its_risk
kind: subtle
"""

import numpy as np


def best_ridge(n, p, noise, signal, transform):
    grid = np.geomspace(1e-3 * n, 1e3 * n, 40)
    risks = [ridge_risk(n, p, lam, noise, signal, transform) for lam in grid]
    best = int(np.argmin(risks))
    return grid[best], risks[best]
