"""Results are kept by (n, sw2, depth).

question: transition
fails: TestTransition::test_the_whole_range
kind: subtle
"""

import numpy as np

_KEPT = {}


def deq_kernel(C, sw2, depth):
    C = np.asarray(C)
    if depth is None and sw2 >= 2:
        raise ValueError("none")
    key = (len(C), float(sw2), depth)
    if key not in _KEPT:
        K = C
        for _ in range(4000 if depth is None else depth):
            size = np.sqrt(np.outer(np.diag(K), np.diag(K)))
            a = np.arccos(np.clip(K / size, -1, 1))
            K = C + sw2 / 2 * size * (np.sin(a) + np.cos(a) * (np.pi - a)) / np.pi
        _KEPT[key] = K
    return _KEPT[key]
