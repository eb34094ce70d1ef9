"""The gap is twice too large.

question: elbo
fails: TestElbo::test_gap
kind: usual
"""

import numpy as np


def diagonal_gap(W, sigma2):
    W = np.asarray(W, np.float64)
    M = W.T @ W + sigma2 * np.eye(W.shape[1])
    return float(np.sum(np.log(np.diag(M))) - np.linalg.slogdet(M)[1])
