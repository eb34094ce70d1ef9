"""The discarded variance is divided by d, not by d - k.

question: ppca
fails: TestPpca::test_fit
kind: usual
"""

import numpy as np


def ppca_fit(X, k):
    X = np.asarray(X, np.float64)
    values, vectors = np.linalg.eigh(np.cov(X.T, bias=True))
    sigma2 = values[:-k].sum() / len(values)
    return X.mean(axis=0), vectors[:, -k:] * np.sqrt(values[-k:] - sigma2), sigma2
