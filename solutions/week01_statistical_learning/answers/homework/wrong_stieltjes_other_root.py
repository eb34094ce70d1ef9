"""The negative root of the quadratic equation, with its sign turned.

question: stieltjes
fails: TestStieltjes::test_stieltjes_transform
kind: subtle
"""

import numpy as np


def stieltjes(z, gamma):
    b = 1 - gamma + z
    root = np.sqrt(b * b + 4 * gamma * z)
    return (root + b) / (2 * gamma * z)
