"""Normal approximation for d > 1000.

question: high_dimension
fails: TestHighDimension::test_cap
kind: usual
"""

import numpy as np, scipy.special, scipy.stats


def cap(d, t):
    if d > 1000:
        return scipy.stats.norm.sf(t * np.sqrt(d))
    b = scipy.special.betainc((d - 1) / 2, 0.5, 1 - t**2) / 2
    return b if t >= 0 else 1 - b
