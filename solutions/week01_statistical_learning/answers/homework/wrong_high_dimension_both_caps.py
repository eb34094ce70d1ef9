"""P(|c| > t): both caps.

question: high_dimension
fails: TestHighDimension::test_cap
kind: usual
"""

import scipy.special


def cap(d, t):
    beyond = scipy.special.betainc((d - 1) / 2, 0.5, 1 - t**2)
    return beyond if t >= 0 else 1 - beyond
