"""Expectation and supremum exchanged: always 0.

question: rademacher
fails: TestRademacher::test_random_classes
kind: usual
"""

import itertools

import numpy as np


def rademacher(values):
    n = values.shape[1]
    signs = np.array(list(itertools.product((-1.0, 1.0), repeat=n)))
    return (signs @ np.asarray(values).T).mean(axis=0).max() / n
