"""The labels 0 and 1 are taken for signs: class 0 constrains nothing.

question: max_margin
fails: TestMaxMargin::test_two_points
kind: usual
"""

import numpy as np
import scipy.optimize


def max_margin(X, y):
    Z = np.asarray(X)[np.asarray(y) == 1]
    if not len(Z):
        return np.zeros(Z.shape[1])
    u, _ = scipy.optimize.nnls(np.vstack([Z.T, np.ones(len(Z))]), np.eye(Z.shape[1] + 1)[-1])
    r = np.vstack([Z.T, np.ones(len(Z))]) @ u - np.eye(Z.shape[1] + 1)[-1]
    return -r[:-1] / r[-1]
