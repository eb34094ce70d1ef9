"""The sum runs to p.

question: existence
fails: TestExistence::test_small_numbers
kind: usual
"""

import math


def separable_probability(n, p):
    return float(min(1.0, sum(math.comb(n - 1, k) for k in range(p + 1)) / 2 ** (n - 1)))
