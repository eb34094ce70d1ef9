"""The bound B sqrt(sum |x|^2)/n in place of the expectation.

question: rademacher
fails: TestRademacher::test_ball
kind: usual
"""

import numpy as np


def rademacher_ball(X, radius):
    return radius * np.sqrt((np.asarray(X) ** 2).sum()) / len(X)
