"""gamma > 1 by the law of 1/gamma, without its scale.

question: stieltjes
fails: TestStieltjes::test_stieltjes_transform
kind: usual
"""

import numpy as np


def stieltjes(z, gamma):
    if gamma > 1:
        return (1 - 1 / gamma) / z + stieltjes(z, 1 / gamma) / gamma
    b = 1 - gamma + z
    return 2 / (b + np.sqrt(b * b + 4 * gamma * z))
