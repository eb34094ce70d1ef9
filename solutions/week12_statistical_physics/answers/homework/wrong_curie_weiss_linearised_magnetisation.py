"""The square-root law near the transition, everywhere.

question: curie_weiss
fails: TestCurieWeiss::test_magnetisation
kind: usual
"""

import numpy as np


def magnetisation(T, J, h):
    if h == 0:
        return np.sqrt(3 * max(0.0, 1 - T / J)) if T > 0.7 * J else np.tanh(J / T)
    m = np.sign(h)
    for _ in range(5000):
        m = np.tanh((J * m + h) / T)
    return m
