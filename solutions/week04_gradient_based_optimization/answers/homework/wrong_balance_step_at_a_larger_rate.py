"""Takes a step at the rate 0.001 or more and scales it.

question: balance
fails: TestBalance::test_tiny_learning_rates
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
    rate = max(eta, 1e-6)
    new = [W - rate * G for W, G in zip(weights, gradients, strict=True)]
    form = lambda weights: [b.T @ b - a @ a.T for a, b in zip(weights[:-1], weights[1:], strict=True)]
    return [(after - before) * (eta / rate) for before, after in zip(form(weights), form(new), strict=True)]
