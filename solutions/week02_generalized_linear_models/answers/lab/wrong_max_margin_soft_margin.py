"""A soft margin with C = 1: multipliers end at 1.

question: max_margin
fails: TestMaxMargin::test_another_scale
kind: usual
"""

import numpy as np


def max_margin(X, y):
    Z = np.asarray(X) * (2 * np.asarray(y) - 1)[:, None]
    alpha, squares = np.zeros(len(Z)), (Z**2).sum(axis=1)
    w = np.zeros(Z.shape[1])
    for _ in range(3000):
        for i in range(len(Z)):
            new = min(max(alpha[i] + (1 - Z[i] @ w) / squares[i], 0.0), 1.0)
            w, alpha[i] = w + (new - alpha[i]) * Z[i], new
    return w
