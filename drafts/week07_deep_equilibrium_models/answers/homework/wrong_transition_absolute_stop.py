"""At rest: ends when no entry moves by more than 1e-9, absolutely: covariances of 1e-9 are never iterated.

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
        a = np.arccos(np.clip(K / size, -1, 1))
        new = C + sw2 / 2 * size * (np.sin(a) + np.cos(a) * (np.pi - a)) / np.pi
        if depth is None and np.abs(new - K).max() < 1e-9:
            return new
        K = new
    return K
