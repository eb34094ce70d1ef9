"""Rows of 0 are left out.

question: existence
fails: TestExistence::test_on_the_edge
kind: usual
"""

import numpy as np
import scipy.optimize


def is_separable(X, y):
    Z = np.where(np.asarray(y) == 1, 1.0, -1.0)[:, None] * np.asarray(X)
    Z = Z[np.any(Z != 0, axis=1)]
    found = scipy.optimize.linprog(np.zeros(Z.shape[1]), A_ub=-Z, b_ub=-np.ones(len(Z)), bounds=(None, None))
    return found.status == 0
