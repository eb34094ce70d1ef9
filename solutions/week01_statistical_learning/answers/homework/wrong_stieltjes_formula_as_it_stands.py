"""The formula of the text on both sides: it loses its digits for gamma < 1.

question: stieltjes
fails: TestStieltjes::test_stieltjes_transform_at_the_ends
kind: usual
"""

import numpy as np


def stieltjes(z, gamma):
    b = 1 - gamma + z
    return (np.sqrt(b * b + 4 * gamma * z) - b) / (2 * gamma * z)
