"""The difference of the class means, scaled to a smallest margin of 1.

question: max_margin
fails: TestMaxMargin::test_a_cloud_in_the_plane
kind: usual
"""

import numpy as np


def max_margin(X, y):
    Z = np.asarray(X) * (2 * np.asarray(y) - 1)[:, None]
    w = Z.mean(axis=0)
    return w / np.min(Z @ w)
