"""The normal approximation: c sqrt(d) is standard normal.

question: high_dimension
fails: TestHighDimension::test_cap
kind: usual
"""

import scipy.special


def cap(d, t):
    return scipy.special.ndtr(-t * d**0.5)
