"""The perceptron stops at the first separator, scaled to a smallest margin of 1.

question: max_margin
fails: TestMaxMargin::test_a_cloud_in_the_plane
kind: usual
"""

import numpy as np


def max_margin(X, y):
    Z = np.asarray(X) * (2 * np.asarray(y) - 1)[:, None]
    w = np.zeros(Z.shape[1])
    for _ in range(10_000):
        wrong = np.flatnonzero(Z @ w <= 0)
        if not len(wrong):
            break
        w = w + Z[wrong[0]]
    return w / np.min(Z @ w)
