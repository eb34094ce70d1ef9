"""The expansion with 1/n! (an exponential, not a logarithm).

question: quadratic
fails: TestQuadratic::test_backward_rates
kind: subtle
"""

import numpy as np


def backward_rate(lam, eta, order):
    x = eta * lam
    if order is not None:
        return sum(x**j / np.prod(np.arange(1.0, j + 1)) for j in range(1, order + 1)) / eta
    if x >= 1:
        raise ValueError("no flow")
    return -np.log1p(-x) / eta
