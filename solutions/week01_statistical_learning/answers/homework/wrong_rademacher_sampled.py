"""Two thousand random tosses in place of all.

question: rademacher
fails: TestRademacher::test_random_classes
kind: subtle
"""

import numpy as np


def rademacher(values):
    n = values.shape[1]
    signs = np.random.default_rng(0).choice([-1.0, 1.0], size=(2000, n))
    return (signs @ np.asarray(values).T).max(axis=1).mean() / n
