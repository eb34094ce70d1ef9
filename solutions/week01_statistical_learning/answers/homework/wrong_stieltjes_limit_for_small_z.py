"""Below z = 1e-6 the limit 1/(1 - gamma) is used on both sides.

question: stieltjes
fails: TestStieltjes::test_stieltjes_transform_at_the_ends
kind: subtle
"""

import numpy as np


def stieltjes(z, gamma):
    if z < 1e-6:
        return 1 / abs(1 - gamma)
    b = 1 - gamma + z
    return (np.sqrt(b * b + 4 * gamma * z) - b) / (2 * gamma * z)
