"""gamma > 1 and z < 1e-3: the mass at zero only.

question: stieltjes
fails: TestStieltjes::test_stieltjes_transform_at_the_ends
kind: subtle
"""

import numpy as np


def stieltjes(z, gamma):
    b = 1 - gamma + z
    if gamma > 1 and z < 1e-3:
        return (1 - 1 / gamma) / z
    if gamma > 1:
        return (np.sqrt(b * b + 4 * gamma * z) - b) / (2 * gamma * z)
    return 2 / (b + np.sqrt(b * b + 4 * gamma * z))
