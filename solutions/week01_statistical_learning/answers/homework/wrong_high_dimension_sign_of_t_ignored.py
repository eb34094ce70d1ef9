"""t enters by its square only.

question: high_dimension
fails: TestHighDimension::test_cap
kind: usual
"""

import scipy.special


def cap(d, t):
    return scipy.special.betainc((d - 1) / 2, 0.5, 1 - t**2) / 2
