"""M = W' W + I, whatever the noise.

question: ppca
fails: TestPpca::test_posterior
kind: usual
"""

import numpy as np


def posterior(X, mean, W, sigma2):
    W, centred = np.asarray(W, np.float64), np.asarray(X, np.float64) - np.asarray(mean)
    M = W.T @ W + np.eye(W.shape[1])
    return np.linalg.solve(M, W.T @ centred.T).T, sigma2 * np.linalg.inv(M)
