"""The exponent of the density in c is taken for that of c^2: (d - 3)/2 + 1/2.

question: high_dimension
fails: TestHighDimension::test_cap
kind: usual
"""

import scipy.special


def cap(d, t):
    beyond = scipy.special.betainc(d / 2, 0.5, 1 - t**2) / 2
    return beyond if t >= 0 else 1 - beyond
