"""The difference of the squared norms, times the identity.

question: balance
fails: TestBalance::test_imbalances
kind: usual
"""

import numpy as np


def imbalances(weights):
    weights = [np.asarray(W, np.float64) for W in weights]
    return [((b**2).sum() - (a**2).sum()) / len(a) * np.eye(len(a)) for a, b in zip(weights[:-1], weights[1:], strict=True)]
