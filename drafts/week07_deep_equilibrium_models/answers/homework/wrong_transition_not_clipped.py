"""A correlation of 1 + 1e-16 becomes a NaN.

question: transition
fails: TestTransition::test_the_whole_range
kind: usual
"""

import numpy as np


def deq_kernel(C, sw2, depth):
    if depth is None and sw2 >= 2:
        raise ValueError("no equilibrium")
    C = np.asarray(C)
    K = C
    for _ in range(3000 if depth is None else depth):
        size = np.sqrt(np.outer(np.diag(K), np.diag(K)))
        angle = np.arccos(K / size * (1 + 3e-16))
        K = C + sw2 / 2 * size * (np.sin(angle) + np.cos(angle) * (np.pi - angle)) / np.pi
    return K
