"""Normal equations for lambda > 0, numpy's lstsq with its own threshold at 0.

question: ridge_path
fails: TestRidgePath::test_what_counts_as_zero
kind: subtle
"""

import numpy as np


def ridge_path(X, y, lams):
    X, y = np.asarray(X), np.asarray(y)
    out = []
    for lam in np.asarray(lams):
        if lam == 0:
            out.append(np.linalg.lstsq(X, y, rcond=None)[0])
        else:
            out.append(np.linalg.solve(X.T @ X + lam * np.eye(X.shape[1]), X.T @ y))
    return np.array(out)


def degrees_of_freedom(X, lams):
    X = np.asarray(X)
    out = []
    for lam in np.asarray(lams):
        if lam == 0:
            out.append(float(np.linalg.matrix_rank(X)))
        else:
            out.append(np.trace(np.linalg.solve(X.T @ X + lam * np.eye(X.shape[1]), X.T @ X)))
    return np.array(out)
