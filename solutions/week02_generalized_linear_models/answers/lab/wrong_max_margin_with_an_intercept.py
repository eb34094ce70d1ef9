"""An intercept is free to help.

question: max_margin
fails: TestMaxMargin::test_two_points
fails: TestMaxMargin::test_a_cloud_in_the_plane
kind: usual
"""

import numpy as np
import sklearn.svm


def max_margin(X, y):
    X, y = np.asarray(X), np.asarray(y)
    if len(set(y.tolist())) < 2:
        return np.zeros(X.shape[1])
    return sklearn.svm.SVC(kernel="linear", C=1e10, tol=1e-9).fit(X, y).coef_[0]
