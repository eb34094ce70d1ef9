"""Inputs are scaled to length 1.

question: rademacher
fails: TestRademacher::test_ball
kind: subtle
"""

import itertools

import numpy as np


def rademacher_ball(X, radius):
    n = X.shape[0]
    X = np.asarray(X) / np.linalg.norm(np.asarray(X), axis=1, keepdims=True)
    signs = np.array(list(itertools.product((-1.0, 1.0), repeat=n)))
    return radius * np.linalg.norm(signs @ X, axis=1).mean() / n
