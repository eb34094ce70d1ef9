"""Least squares on the signs separates, or nothing does.

question: existence
fails: TestExistence::test_separable_and_not
kind: subtle
"""

import numpy as np


def is_separable(X, y):
    signs = 2.0 * np.asarray(y) - 1
    w = np.linalg.lstsq(np.asarray(X), signs)[0]
    return bool(np.all(signs * (np.asarray(X) @ w) > 0))
