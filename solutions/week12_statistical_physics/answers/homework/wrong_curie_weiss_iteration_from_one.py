"""Iterates from m = 1 whatever the field: ends in the metastable minimum.

question: curie_weiss
fails: TestCurieWeiss::test_small_fields_decide
kind: usual
"""

import numpy as np


def magnetisation(T, J, h):
    m = 1.0
    for _ in range(5000):
        m = np.tanh((J * m + h) / T)
    return m
