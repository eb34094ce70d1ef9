"""One factor 2 pi for all dimensions.

question: ppca
fails: TestPpca::test_likelihood
kind: usual
"""

import numpy as np


def log_likelihood(X, mean, W, sigma2):
    W, centred = np.asarray(W, np.float64), np.asarray(X, np.float64) - np.asarray(mean)
    C = W @ W.T + sigma2 * np.eye(len(W))
    squares = np.sum(centred.T * np.linalg.solve(C, centred.T), axis=0)
    return float(-(np.log(2 * np.pi) + np.linalg.slogdet(C)[1] + squares.mean()) / 2)
