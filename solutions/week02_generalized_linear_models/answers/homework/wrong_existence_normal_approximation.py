"""The normal approximation of the coin tosses.

question: existence
fails: TestExistence::test_small_numbers
kind: usual
"""

import math


def separable_probability(n, p):
    import scipy.stats
    return 1.0 if n <= p else float(scipy.stats.norm.cdf((p - 0.5 - (n - 1) / 2) / math.sqrt((n - 1) / 4)))
