"""The radius is squared.

question: rademacher
fails: TestRademacher::test_ball
kind: usual
"""

import itertools

import numpy as np


def rademacher_ball(X, radius):
    n = X.shape[0]
    signs = np.array(list(itertools.product((-1.0, 1.0), repeat=n)))
    return radius**2 * np.linalg.norm(signs @ np.asarray(X), axis=1).mean() / n
