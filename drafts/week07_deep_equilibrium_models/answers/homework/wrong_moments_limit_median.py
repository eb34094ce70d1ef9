"""The median in place of the mean.

question: moments
fails: TestMoments::test_moments_of_the_limit
kind: usual
"""

import numpy as np


def limit_moment(sigma2, width, power):
    return np.exp(sigma2 * (power / 2 * (1 - 2 / width)))
