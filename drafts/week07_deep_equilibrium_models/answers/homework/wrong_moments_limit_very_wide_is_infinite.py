"""From width 1000 on the fluctuations are left out.

question: moments
fails: TestMoments::test_the_ends_of_the_range
kind: subtle
"""

import numpy as np


def limit_moment(sigma2, width, power):
    if width >= 1000:
        return np.exp(sigma2 * power / 2)
    return np.exp(sigma2 * (power / 2 * (1 - 2 / width) + power**2 / (2 * width)))
