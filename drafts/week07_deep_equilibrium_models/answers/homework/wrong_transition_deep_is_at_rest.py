"""From 200 iterations on the layer is taken for at rest (and raises where there is no equilibrium).

question: transition
fails: TestTransition::test_the_whole_range
kind: subtle
"""

import numpy as np


def deq_kernel(C, sw2, depth):
    C = np.asarray(C)
    if depth is not None and depth >= 200:
        depth = None
    if depth is None and sw2 >= 2:
        raise ValueError("none")
    K = C
    for _ in range(4000 if depth is None else depth):
        size = np.sqrt(np.outer(np.diag(K), np.diag(K)))
        a = np.arccos(np.clip(K / size, -1, 1))
        K = C + sw2 / 2 * size * (np.sin(a) + np.cos(a) * (np.pi - a)) / np.pi
    return K
