"""One minus the distribution function: no digits left in the tail.

question: high_dimension
fails: TestHighDimension::test_cap
kind: usual
"""

import scipy.special


def cap(d, t):
    inside = scipy.special.betainc(0.5, (d - 1) / 2, t**2) / 2
    return 0.5 - inside if t >= 0 else 0.5 + inside
