"""Above the threshold the variance keeps p above: only the denominator changes.

question: ridgeless
fails: TestRidgeless::test_more_weights_than_examples
kind: usual
"""

import numpy as np


def ridgeless_risk(n, p, noise, signal):
    if abs(n - p) <= 1:
        return np.inf
    variance = noise * p / (abs(n - p) - 1)
    return variance if p < n else signal * (1 - n / p) + variance


def weak_features_risk(n, p, weights, noise):
    squares = np.asarray(weights) ** 2
    hidden = squares[p:].sum()
    return ridgeless_risk(n, p, noise + hidden, squares[:p].sum()) + hidden
