"""PCA's loadings: W = U Lambda^(1/2).

question: ppca
fails: TestPpca::test_fit
kind: usual
"""

import numpy as np


def ppca_fit(X, k):
    X = np.asarray(X, np.float64)
    values, vectors = np.linalg.eigh(np.cov(X.T, bias=True))
    sigma2 = values[:-k].mean()
    return X.mean(axis=0), vectors[:, -k:] * np.sqrt(values[-k:]), sigma2
