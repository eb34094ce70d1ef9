"""The normal approximation from n = 100 on.

question: existence
fails: TestExistence::test_thousands_of_points
kind: subtle
"""

import math


def separable_probability(n, p):
    import scipy.stats
    if n < 100:
        return float(sum(math.comb(n - 1, k) for k in range(p)) / 2 ** (n - 1))
    return 1.0 if n <= p else float(scipy.stats.norm.cdf((p - 0.5 - (n - 1) / 2) / math.sqrt((n - 1) / 4)))
