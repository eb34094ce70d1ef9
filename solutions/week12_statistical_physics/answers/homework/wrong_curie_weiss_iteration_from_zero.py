"""Iterates from m = 0: stays at the maximum of f where there is no field.

question: curie_weiss
fails: TestCurieWeiss::test_magnetisation
kind: usual
"""

import numpy as np


def magnetisation(T, J, h):
    m = 0.0
    for _ in range(5000):
        m = np.tanh((J * m + h) / T)
    return m
