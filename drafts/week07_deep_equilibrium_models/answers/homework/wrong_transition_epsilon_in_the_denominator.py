"""Correlations K / (size + 1e-8).

question: transition
fails: TestTransition::test_the_whole_range
kind: subtle
"""

import numpy as np


def deq_kernel(C, sw2, depth):
    C = np.asarray(C)
    if depth is None and sw2 >= 2:
        raise ValueError("none")
    K = C
    for _ in range(4000 if depth is None else depth):
        size = np.sqrt(np.outer(np.diag(K), np.diag(K)))
        c = np.clip(K / (size + 1e-9), -1, 1)
        K = C + sw2 / 2 * size * (np.sqrt(1 - c * c) + c * (np.pi - np.arccos(c))) / np.pi
    return K
