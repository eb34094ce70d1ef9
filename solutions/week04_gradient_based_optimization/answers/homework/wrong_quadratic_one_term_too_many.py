"""Order n has n + 1 terms.

question: quadratic
fails: TestQuadratic::test_backward_rates
kind: usual
"""

import numpy as np


def backward_rate(lam, eta, order):
    x = eta * lam
    if order is not None:
        return sum(x**j / j for j in range(1, order + 2)) / eta
    if x >= 1:
        raise ValueError("no flow")
    return -np.log1p(-x) / eta
