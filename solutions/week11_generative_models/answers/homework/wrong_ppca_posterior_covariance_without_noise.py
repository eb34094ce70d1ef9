"""The covariance M^-1, without sigma2.

question: ppca
fails: TestPpca::test_posterior
kind: usual
"""

import numpy as np


def posterior(X, mean, W, sigma2):
    W, centred = np.asarray(W, np.float64), np.asarray(X, np.float64) - np.asarray(mean)
    M = W.T @ W + sigma2 * np.eye(W.shape[1])
    return np.linalg.solve(M, W.T @ centred.T).T, np.linalg.inv(M)
