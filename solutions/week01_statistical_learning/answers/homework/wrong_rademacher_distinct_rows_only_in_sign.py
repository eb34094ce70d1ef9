"""Functions are replaced by their signs times the largest modulus.

question: rademacher
fails: TestRademacher::test_random_classes
kind: subtle
"""

import itertools, numpy as np


def rademacher(values):
    v = np.asarray(values)
    n = v.shape[1]
    signs = np.array(list(itertools.product((-1.0, 1.0), repeat=n)))
    return (signs @ (np.sign(v) * np.abs(v).max()).T).max(axis=1).mean() / n
