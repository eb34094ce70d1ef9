"""A column of ones is added.

question: existence
fails: TestExistence::test_no_threshold_is_added
kind: usual
"""

import numpy as np
import scipy.optimize


def is_separable(X, y):
    Z = np.where(np.asarray(y) == 1, 1.0, -1.0)[:, None] * np.hstack([np.asarray(X), np.ones((len(X), 1))])
    found = scipy.optimize.linprog(np.zeros(Z.shape[1]), A_ub=-Z, b_ub=-1.0 * np.ones(len(Z)), bounds=(None, None))
    return found.status == 0
