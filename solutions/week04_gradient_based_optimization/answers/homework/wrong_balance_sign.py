"""W_l W_l^T - W_{l+1}^T W_{l+1}: the sign.

question: balance
fails: TestBalance::test_imbalances
kind: usual
"""

import numpy as np


def imbalances(weights):
    weights = [np.asarray(W, np.float64) for W in weights]
    return [a @ a.T - b.T @ b for a, b in zip(weights[:-1], weights[1:], strict=True)]
