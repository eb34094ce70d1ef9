"""Assumes J = 1 in the equation of state.

question: curie_weiss
fails: TestCurieWeiss::test_magnetisation
kind: usual
"""

import numpy as np


def magnetisation(T, J, h):
    m = 1.0 if h >= 0 else -1.0
    for _ in range(5000):
        m = np.tanh((m + h) / T)
    return m
