"""The sum of moduli: the supremum over |w|_inf <= B.

question: rademacher
fails: TestRademacher::test_ball
kind: subtle
"""

import itertools

import numpy as np


def rademacher_ball(X, radius):
    n = X.shape[0]
    signs = np.array(list(itertools.product((-1.0, 1.0), repeat=n)))
    return radius * np.abs(signs @ np.asarray(X)).sum(axis=1).mean() / n
