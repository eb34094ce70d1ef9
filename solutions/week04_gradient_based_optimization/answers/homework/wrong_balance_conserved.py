"""It is conserved: zero.

question: balance
fails: TestBalance::test_change_of_one_step
kind: usual
"""

import numpy as np


def imbalance_change(weights, x, y, eta):
    return [np.zeros((len(W), len(W))) for W in weights[:-1]]
