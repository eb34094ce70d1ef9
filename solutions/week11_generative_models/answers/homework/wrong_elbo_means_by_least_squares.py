"""V is the pseudo-inverse of W.

question: elbo
fails: TestElbo::test_encoder
kind: usual
"""

import numpy as np


def best_diagonal_encoder(W, sigma2):
    W = np.asarray(W, np.float64)
    M = W.T @ W + sigma2 * np.eye(W.shape[1])
    return np.linalg.pinv(W), sigma2 / np.diag(M)
