"""Powers p <= -d are given the mean infinity (true for a finite depth, where |h| may come near 0, not for the limit).

question: moments
fails: TestMoments::test_the_ends_of_the_range
kind: subtle
"""

import numpy as np


def limit_moment(sigma2, width, power):
    if power <= -width:
        return np.inf
    return np.exp(sigma2 * (power / 2 * (1 - 2 / width) + power**2 / (2 * width)))
