"""Half the mean absolute difference of the best and the worst: right for symmetric pairs.

question: rademacher
fails: TestRademacher::test_random_classes
kind: subtle
"""

import itertools, numpy as np


def rademacher(values):
    v = np.asarray(values)
    n = v.shape[1]
    signs = np.array(list(itertools.product((-1.0, 1.0), repeat=n)))
    sums = signs @ v.T
    return np.abs(sums - sums[:, :1]).max(axis=1).mean() / n / (1 if len(v) < 2 else 2)
