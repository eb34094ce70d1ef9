"""Two functions only: the first and the last.

question: rademacher
fails: TestRademacher::test_random_classes
kind: subtle
"""

import itertools, numpy as np


def rademacher(values):
    v = np.asarray(values)[[0, -1]]
    n = v.shape[1]
    signs = np.array(list(itertools.product((-1.0, 1.0), repeat=n)))
    return (signs @ v.T).max(axis=1).mean() / n
