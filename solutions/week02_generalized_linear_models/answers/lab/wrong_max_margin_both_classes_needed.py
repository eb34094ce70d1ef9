"""With one class there is nothing to separate: zeros.

question: max_margin
fails: TestMaxMargin::test_one_class_only
kind: subtle
"""

import numpy as np
import scipy.optimize


def _hull(Z):
    Z = Z / (scale := np.abs(Z).max())
    A = np.vstack([Z.T, np.ones(len(Z))])
    u, _ = scipy.optimize.nnls(A, np.eye(len(A))[-1])
    c = u @ Z / u.sum()
    return c / (c @ c) / scale


def max_margin(X, y):
    X, y = np.asarray(X, float), np.asarray(y)
    Z = np.where(y == 1, 1.0, -1.0)[:, None] * X

    if len(set(y.tolist())) < 2 and len(y) > 1:
        return np.zeros(X.shape[1])
    return _hull(Z)
