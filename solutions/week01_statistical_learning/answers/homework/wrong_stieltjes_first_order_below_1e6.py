"""First order in z below z = 1e-6 for gamma < 1: 1/(1-gamma) - z/(1-gamma)^3.

question: stieltjes
fails: TestStieltjes::test_stieltjes_transform_at_the_ends
kind: subtle
"""

import numpy as np


def stieltjes(z, gamma):
    if gamma < 1 and z < 1e-6:
        return 1 / (1 - gamma) - z / (1 - gamma) ** 3
    b = 1 - gamma + z
    return (np.sqrt(b * b + 4 * gamma * z) - b) / (2 * gamma * z)
