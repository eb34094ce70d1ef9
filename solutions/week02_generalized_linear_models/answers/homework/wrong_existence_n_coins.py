"""Binomial coefficients and power of n, not n - 1.

question: existence
fails: TestExistence::test_small_numbers
kind: usual
"""

import math


def separable_probability(n, p):
    return float(sum(math.comb(n, k) for k in range(p)) / 2**n)
