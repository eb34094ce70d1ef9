"""Beyond eta lam = 1 the rate of the modulus, without an error.

question: quadratic
fails: TestQuadratic::test_the_whole_range
kind: usual
"""

import numpy as np


def backward_rate(lam, eta, order):
    x = eta * lam
    if order is not None:
        return sum(x**j / j for j in range(1, order + 1)) / eta
    if x >= 1:
        return -np.log(abs(1 - x)) / eta
    return -np.log1p(-x) / eta
