"""The zero function is put into every class: sums below 0 do not count.

question: rademacher
fails: TestRademacher::test_random_classes
kind: subtle
"""

import itertools

import numpy as np


def rademacher(values):
    n = values.shape[1]
    signs = np.array(list(itertools.product((-1.0, 1.0), repeat=n)))
    return np.maximum((signs @ np.asarray(values).T).max(axis=1), 0.0).mean() / n
