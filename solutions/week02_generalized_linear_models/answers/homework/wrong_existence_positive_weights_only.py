"""The default bounds of linprog: no weight is negative.

question: existence
fails: TestExistence::test_separable_and_not
kind: usual
"""

import numpy as np
import scipy.optimize


def is_separable(X, y):
    Z = np.where(np.asarray(y) == 1, 1.0, -1.0)[:, None] * np.asarray(X)
    found = scipy.optimize.linprog(np.zeros(Z.shape[1]), A_ub=-Z, b_ub=-1.0 * np.ones(len(Z)))
    return found.status == 0
