"""The first toss is fixed: heads, by a symmetry that only classes with -f have.

question: rademacher
fails: TestRademacher::test_random_classes
kind: subtle
"""

import itertools

import numpy as np


def rademacher(values):
    n = values.shape[1]
    signs = np.array([(1.0, *rest) for rest in itertools.product((-1.0, 1.0), repeat=n - 1)])
    return (signs @ np.asarray(values).T).max(axis=1).mean() / n
