"""Probabilities are clipped to [0.01, 0.99].

question: approximate_loo
fails: TestApproximateLoo::test_a_weak_penalty
kind: subtle
"""

import numpy as np
import scipy.special


def approximate_loo(X, y, w, lam):
    X, y, w = np.asarray(X, float), np.asarray(y), np.asarray(w, float)
    eta = X @ w
    mu = np.clip(scipy.special.expit(eta), 0.01, 0.99)
    v = mu * (1 - mu)
    H = (X.T * v) @ X + lam * np.eye(X.shape[1])
    a = np.einsum("ij,ji->i", X, np.linalg.solve(H, X.T))
    return eta + (mu - y) * a / (1 - v * a)
