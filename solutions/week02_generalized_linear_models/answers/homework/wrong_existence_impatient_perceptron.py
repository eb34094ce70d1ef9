"""The perceptron gives up after ten rounds.

question: existence
fails: TestExistence::test_separable_and_not
kind: subtle
"""

import numpy as np


def is_separable(X, y):
    Z = np.where(np.asarray(y) == 1, 1.0, -1.0)[:, None] * np.asarray(X)
    w = np.zeros(Z.shape[1])
    for _ in range(2):
        for z in Z:
            if z @ w <= 0:
                w = w + z
    return bool(np.all(Z @ w > 0))
