"""1/(1 - v a) is expanded to second order for small v a.

question: approximate_loo
fails: TestApproximateLoo::test_more_examples_than_features
kind: subtle
"""

import numpy as np
import scipy.special


def approximate_loo(X, y, w, lam):
    X, y, w = np.asarray(X, float), np.asarray(y), np.asarray(w, float)
    eta = X @ w
    mu = scipy.special.expit(eta)
    v = mu * (1 - mu)
    H = (X.T * v) @ X + lam * np.eye(X.shape[1])
    a = np.einsum("ij,ji->i", X, np.linalg.solve(H, X.T))
    q = v * a
    return eta + (mu - y) * a * np.where(q < 0.02, 1 + q, 1 / (1 - q))
