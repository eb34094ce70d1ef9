"""gamma(rho) = rho.

question: transition
fails: TestTransition::test_a_few_iterations
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
        angle = np.arccos(np.clip(K / size, -1.0, 1.0))
        K = C + sw2 / 2 * K
    return K
