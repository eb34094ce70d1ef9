"""sigma2 is all of the discarded variance.

question: ppca
fails: TestPpca::test_fit
kind: usual
"""

import numpy as np


def ppca_fit(X, k):
    X = np.asarray(X, np.float64)
    values, vectors = np.linalg.eigh(np.cov(X.T, bias=True))
    sigma2 = values[:-k].sum()
    return X.mean(axis=0), vectors[:, -k:] * np.sqrt(np.maximum(values[-k:] - sigma2, 0)), sigma2
