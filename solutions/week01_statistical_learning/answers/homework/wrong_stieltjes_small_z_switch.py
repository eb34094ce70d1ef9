"""1/z for z above 1e4.

question: stieltjes
fails: TestStieltjes::test_stieltjes_transform_at_the_ends
kind: subtle
"""

import numpy as np


def stieltjes(z, gamma):
    if z > 1e4:
        return 1 / z
    b = 1 - gamma + z
    root = np.sqrt(b * b + 4 * gamma * z)
    return 2 / (b + root) if b > 0 else (root - b) / (2 * gamma * z)
