"""The means by least squares: no prior.

question: ppca
fails: TestPpca::test_posterior
kind: usual
"""

import numpy as np


def posterior(X, mean, W, sigma2):
    W, centred = np.asarray(W, np.float64), np.asarray(X, np.float64) - np.asarray(mean)
    M = W.T @ W + sigma2 * np.eye(W.shape[1])
    return np.linalg.lstsq(W, centred.T, rcond=None)[0].T, sigma2 * np.linalg.inv(M)
