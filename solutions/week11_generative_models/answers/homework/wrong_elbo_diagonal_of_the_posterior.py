"""The variances are the posterior's, and the gap is the divergence from there.

question: elbo
fails: TestElbo::test_encoder
fails: TestElbo::test_gap
kind: usual
"""

import numpy as np


def best_diagonal_encoder(W, sigma2):
    W = np.asarray(W, np.float64)
    M = W.T @ W + sigma2 * np.eye(W.shape[1])
    return np.linalg.solve(M, W.T), sigma2 * np.diag(np.linalg.inv(M))


def diagonal_gap(W, sigma2):
    W = np.asarray(W, np.float64)
    M = W.T @ W + sigma2 * np.eye(W.shape[1])
    variances = np.diag(np.linalg.inv(M))
    return float((np.diag(M) @ variances - len(M) - np.linalg.slogdet(M)[1] - np.sum(np.log(variances))) / 2)
