"""Singular values below 10^-3 count as 0, whatever the others.

question: null_space
fails: TestNullSpace::test_weak_columns_count
kind: usual
"""

import numpy as np


def null_dimension(X, K):
    s = np.linalg.svd(np.asarray(X), compute_uv=False)
    return X.shape[1] * K - int(np.sum(s > 1e-3)) * (K - 1)
