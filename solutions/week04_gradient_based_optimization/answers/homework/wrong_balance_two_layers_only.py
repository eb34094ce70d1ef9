"""The change of the first pair only, repeated.

question: balance
fails: TestBalance::test_change_of_one_step
kind: subtle
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
    a, b = gradients[0], gradients[1]
    return [eta**2 * (b.T @ b - a @ a.T) for _ in weights[1:]]
