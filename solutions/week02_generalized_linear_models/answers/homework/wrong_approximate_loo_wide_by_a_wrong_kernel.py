"""n < p: the leverage by the pseudo-inverse of the kernel.

question: approximate_loo
fails: TestApproximateLoo::test_more_features_than_examples
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

    if len(X) < X.shape[1]:
        B = np.sqrt(v)[:, None] * X
        h = np.diag(B @ B.T @ np.linalg.inv(B @ B.T + lam * np.eye(len(X)) * v.mean() / v.max()))
        a = h / v
    return eta + (mu - y) * a / (1 - v * a)
