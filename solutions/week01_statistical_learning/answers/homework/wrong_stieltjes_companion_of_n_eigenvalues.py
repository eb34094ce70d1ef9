"""The transform of X X^T/n, whose law has n eigenvalues and not p.

question: stieltjes
fails: TestStieltjes::test_stieltjes_transform
kind: subtle
"""

import numpy as np


def stieltjes(z, gamma):
    b = 1 - gamma + z
    root = np.sqrt(b * b + 4 * gamma * z)
    m = 2 / (b + root) if b > 0 else (root - b) / (2 * gamma * z)
    return gamma * m + (1 - gamma) / z
