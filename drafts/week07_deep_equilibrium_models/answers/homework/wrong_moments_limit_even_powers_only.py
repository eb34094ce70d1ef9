"""Right for the powers 2 and 4 only: rounds up to an even power.

question: moments
fails: TestMoments::test_moments_of_the_limit
kind: subtle
"""

import numpy as np


def limit_moment(sigma2, width, power):
    even = power if power < -1 else 2 * np.ceil(power / 2)
    return np.exp(sigma2 * (even / 2 * (1 - 2 / width) + even**2 / (2 * width)))
