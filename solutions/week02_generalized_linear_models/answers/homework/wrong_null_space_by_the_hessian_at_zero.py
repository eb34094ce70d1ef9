"""Eigenvalues of the Hessian below 10^-6 of the largest.

question: null_space
fails: TestNullSpace::test_weak_columns_count
kind: usual
"""

import numpy as np


def null_dimension(X, K):
    X = np.asarray(X)
    H = np.kron(X.T @ X, np.eye(K) / K - 1 / K**2)
    values = np.linalg.eigvalsh(H)
    return int(np.sum(values < 1e-6 * values[-1]))
