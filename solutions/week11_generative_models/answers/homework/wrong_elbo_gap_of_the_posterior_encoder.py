"""No gap: the encoder is taken for the true posterior.

question: elbo
fails: TestElbo::test_gap
kind: subtle
"""

import numpy as np


def diagonal_gap(W, sigma2):
    W = np.asarray(W, np.float64)
    M = W.T @ W + sigma2 * np.eye(W.shape[1])
    return float(0.0 * M[0, 0])
