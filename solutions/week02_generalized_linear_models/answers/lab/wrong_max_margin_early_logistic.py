"""Gradient descent on the logistic loss for 3000 steps, scaled: the direction is not there yet.

question: max_margin
fails: TestMaxMargin::test_a_cloud_in_the_plane
kind: usual
"""

import numpy as np


def max_margin(X, y):
    Z = np.asarray(X) * (2 * np.asarray(y) - 1)[:, None]
    w = np.zeros(Z.shape[1])
    for _ in range(3000):
        w = w + (1 / (1 + np.exp(np.clip(Z @ w, -500, 500)))) @ Z / np.linalg.norm(Z, 2) ** 2
    return w / np.min(Z @ w)
