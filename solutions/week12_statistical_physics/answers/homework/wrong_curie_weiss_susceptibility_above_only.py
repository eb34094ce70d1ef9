"""1 / |T - J| on both sides of the transition.

question: curie_weiss
fails: TestCurieWeiss::test_susceptibility
kind: usual
"""

import numpy as np


def susceptibility(T, J, h):
    return 1 / abs(T - J) if h == 0 else 1 / (T / (1 - magnetisation(T, J, h) ** 2) - J)
