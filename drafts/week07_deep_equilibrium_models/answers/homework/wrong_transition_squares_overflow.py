"""Sin through sqrt((Kaa Kbb)^2 - ...): overflows above 1e77.

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
        square = np.outer(np.diag(K), np.diag(K))
        c = np.clip(K * np.sqrt(square) ** 3 / square**2, -1, 1)
        K = C + sw2 / 2 * np.sqrt(square) * (np.sqrt(1 - c * c) + c * (np.pi - np.arccos(c))) / np.pi
    return K
