"""The moment of |h|^2p.

question: moments
fails: TestMoments::test_moments_of_the_limit
kind: usual
"""

import numpy as np


def limit_moment(sigma2, width, power):
    return np.exp(sigma2 * (power * (1 - 2 / width) + 2 * power**2 / width))
