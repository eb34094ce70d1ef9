"""eta in place of eta squared.

question: balance
fails: TestBalance::test_change_of_one_step
kind: usual
"""

import numpy as np


def imbalance_change(weights, x, y, eta):
    weights = [np.asarray(W, np.float64) for W in weights]
    signals = [np.asarray(x, np.float64)]
    for W in weights:
        signals.append(signals[-1] @ W.T)
    delta = (signals[-1] - np.asarray(y, np.float64)) / len(signals[0])
    gradients = []
    for W, before in zip(reversed(weights), reversed(signals[:-1]), strict=True):
        gradients.insert(0, delta.T @ before)
        delta = delta @ W
    return [eta * (b.T @ b - a @ a.T) for a, b in zip(gradients[:-1], gradients[1:], strict=True)]
