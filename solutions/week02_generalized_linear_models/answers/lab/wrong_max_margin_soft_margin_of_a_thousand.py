"""A soft margin with C = 1000, which is no longer hard when features are small.

question: max_margin
fails: TestMaxMargin::test_another_scale
kind: usual
"""

import numpy as np
import sklearn.svm


def max_margin(X, y):
    X, y = np.asarray(X), np.asarray(y)
    machine = sklearn.svm.SVC(kernel="linear", C=1000.0, tol=1e-9)
    machine.fit(np.concatenate([X, -X]), np.concatenate([y, 1 - y]))
    return machine.coef_[0]
