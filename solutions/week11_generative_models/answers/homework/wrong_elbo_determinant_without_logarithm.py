"""Covariance in place of its logarithm: log det is confused with det.

question: elbo
fails: TestElbo::test_bound
kind: subtle
"""

import numpy as np


def elbo(X, mean, W, sigma2, V, cov):
    W, V, cov = (np.asarray(a, np.float64) for a in (W, V, cov))
    centred = np.asarray(X, np.float64) - np.asarray(mean)
    z = centred @ V.T
    d, k = W.shape
    misfit = np.sum((centred - z @ W.T) ** 2, axis=1).mean() + np.trace(W @ cov @ W.T)
    kl = (np.sum(z**2, axis=1).mean() + np.trace(cov) - k - np.linalg.det(cov)) / 2
    return float(-(d * np.log(2 * np.pi * sigma2) + misfit / sigma2) / 2 - kl)
