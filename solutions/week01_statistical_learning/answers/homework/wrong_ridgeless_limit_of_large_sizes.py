"""The limit of large n and p: gamma/(1 - gamma) and 1/(gamma - 1).

question: ridgeless
fails: TestRidgeless::test_more_examples_than_weights
kind: usual
"""

import numpy as np


def ridgeless_risk(n, p, noise, signal):
    if abs(n - p) <= 1:
        return np.inf
    gamma = p / n
    return noise * gamma / (1 - gamma) if gamma < 1 else signal * (1 - 1 / gamma) + noise / (gamma - 1)


def weak_features_risk(n, p, weights, noise):
    squares = np.asarray(weights) ** 2
    hidden = squares[p:].sum()
    return ridgeless_risk(n, p, noise + hidden, squares[:p].sum()) + hidden
