"""W = U (Lambda - sigma2), without the root.

question: ppca
fails: TestPpca::test_fit
kind: usual
"""

import numpy as np


def ppca_fit(X, k):
    X = np.asarray(X, np.float64)
    values, vectors = np.linalg.eigh(np.cov(X.T, bias=True))
    sigma2 = values[:-k].mean()
    return X.mean(axis=0), vectors[:, -k:] * (values[-k:] - sigma2), sigma2
