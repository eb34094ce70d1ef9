"""Only the diagonal, as for ReLU.

question: balance
fails: TestBalance::test_imbalances
kind: usual
"""

import numpy as np


def imbalances(weights):
    weights = [np.asarray(W, np.float64) for W in weights]
    return [np.diag(np.diag(b.T @ b - a @ a.T)) for a, b in zip(weights[:-1], weights[1:], strict=True)]
