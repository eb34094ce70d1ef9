"""The exponent is clipped at 100 against overflow.

question: moments
fails: TestMoments::test_the_ends_of_the_range
kind: subtle
"""

import numpy as np


def limit_moment(sigma2, width, power):
    return np.exp(np.clip(sigma2 * (power / 2 * (1 - 2 / width) + power**2 / (2 * width)), -100, 100))
