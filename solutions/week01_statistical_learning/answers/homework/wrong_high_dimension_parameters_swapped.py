"""The two parameters are swapped.

question: high_dimension
fails: TestHighDimension::test_cap
kind: usual
"""

import scipy.special


def cap(d, t):
    beyond = scipy.special.betainc(0.5, (d - 1) / 2, 1 - t**2) / 2
    return beyond if t >= 0 else 1 - beyond
