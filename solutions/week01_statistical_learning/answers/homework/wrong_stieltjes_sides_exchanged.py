"""The right two forms on the wrong sides.

question: stieltjes
fails: TestStieltjes::test_stieltjes_transform_at_the_ends
kind: usual
"""

import numpy as np


def stieltjes(z, gamma):
    b = 1 - gamma + z
    root = np.sqrt(b * b + 4 * gamma * z)
    return 2 / (b + root) if b < 0 else (root - b) / (2 * gamma * z)
