"""log p(x|z) at the posterior mean.

question: ppca
fails: TestPpca::test_likelihood
kind: usual
"""

import numpy as np


def log_likelihood(X, mean, W, sigma2):
    W, centred = np.asarray(W, np.float64), np.asarray(X, np.float64) - np.asarray(mean)
    d, k = W.shape
    z = centred @ W @ np.linalg.inv(W.T @ W + sigma2 * np.eye(k))
    misfit = np.sum((centred - z @ W.T) ** 2, axis=1).mean()
    return float(-(d * np.log(2 * np.pi * sigma2) + misfit / sigma2) / 2)
