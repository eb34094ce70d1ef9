"""The continuous part of the law only: the mass at 0 of gamma > 1 is missing.

question: stieltjes
fails: TestStieltjes::test_stieltjes_transform
kind: usual
"""

import numpy as np


def stieltjes(z, gamma):
    b = 1 - gamma + z
    root = np.sqrt(b * b + 4 * gamma * z)
    whole = 2 / (b + root) if b > 0 else (root - b) / (2 * gamma * z)
    return whole - max(0.0, 1 - 1 / gamma) / z
