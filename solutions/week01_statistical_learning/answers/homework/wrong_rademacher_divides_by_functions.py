"""The sum is divided by the number of functions.

question: rademacher
fails: TestRademacher::test_random_classes
kind: usual
"""

import itertools, numpy as np


def rademacher(values):
    n = values.shape[1]
    signs = np.array(list(itertools.product((-1.0, 1.0), repeat=n)))
    return (signs @ np.asarray(values).T).max(axis=1).mean() / len(values)
