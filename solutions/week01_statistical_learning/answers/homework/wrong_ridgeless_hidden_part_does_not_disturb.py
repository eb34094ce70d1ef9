"""The hidden part is missed in the prediction, but does not disturb the training.

question: ridgeless
fails: TestRidgeless::test_weak_features
kind: usual
"""

import numpy as np


def ridgeless_risk(n, p, noise, signal):
    if abs(n - p) <= 1:
        return np.inf
    return noise * p / (n - p - 1) if p < n else signal * (1 - n / p) + noise * n / (p - n - 1)


def weak_features_risk(n, p, weights, noise):
    squares = np.asarray(weights) ** 2
    return ridgeless_risk(n, p, noise, squares[:p].sum()) + squares[p:].sum()
