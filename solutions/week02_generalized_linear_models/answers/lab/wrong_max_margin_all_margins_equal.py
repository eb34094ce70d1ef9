"""Least squares on the labels -1 and 1: every margin should be 1.

question: max_margin
fails: TestMaxMargin::test_a_cloud_in_the_plane
kind: usual
"""

import numpy as np


def max_margin(X, y):
    return np.linalg.lstsq(np.asarray(X), 2.0 * np.asarray(y) - 1)[0]
