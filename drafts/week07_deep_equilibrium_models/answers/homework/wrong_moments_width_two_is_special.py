"""At d = 2 all negative powers are given the mean 1 (the harmonic function is a logarithm there).

question: moments
fails: TestMoments::test_the_ends_of_the_range
kind: subtle
"""

import numpy as np


def limit_moment(sigma2, width, power):
    if width == 2 and power < 0:
        return 1.0
    return np.exp(sigma2 * (power / 2 * (1 - 2 / width) + power**2 / (2 * width)))
