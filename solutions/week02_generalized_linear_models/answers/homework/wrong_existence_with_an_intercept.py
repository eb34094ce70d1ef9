"""A threshold is allowed: p + 1 dimensions.

question: existence
fails: TestExistence::test_small_numbers
kind: usual
"""

import math


def separable_probability(n, p):
    return float(min(1.0, sum(math.comb(n - 1, k) for k in range(p + 1)) * 2.0 ** (1 - n))) if n < 1000 else 0.5
