"""Iterates until no entry moves by more than 1e-10: for covariances of 1e8 that never happens.

question: transition
fails: TestTransition::test_the_whole_range
kind: subtle
"""

import numpy as np


def deq_kernel(C, sw2, depth):
    C = np.asarray(C)
    if depth is None and sw2 >= 2:
        raise ValueError("none")
    K, n = C, 0
    while depth is None or n < depth:
        size = np.sqrt(np.outer(np.diag(K), np.diag(K)))
        a = np.arccos(np.clip(K / size, -1, 1))
        new = C + sw2 / 2 * size * (np.sin(a) + np.cos(a) * (np.pi - a)) / np.pi
        if depth is None and np.abs(new - K).max() < 1e-10:
            return new
        K, n = new, n + 1
    return K
