"""The expansion without 1/n.

question: quadratic
fails: TestQuadratic::test_backward_rates
kind: usual
"""

import numpy as np


def backward_rate(lam, eta, order):
    x = eta * lam
    if order is not None:
        return sum(x**j for j in range(1, order + 1)) / eta
    if x >= 1:
        raise ValueError("no flow")
    return -np.log1p(-x) / eta
