"""The prediction error: the noise of the new label is added.

question: ridgeless
fails: TestRidgeless::test_more_examples_than_weights
kind: usual
"""

import numpy as np


def ridgeless_risk(n, p, noise, signal):
    if abs(n - p) <= 1:
        return np.inf
    return noise + (noise * p / (n - p - 1) if p < n else signal * (1 - n / p) + noise * n / (p - n - 1))


def weak_features_risk(n, p, weights, noise):
    squares = np.asarray(weights) ** 2
    hidden = squares[p:].sum()
    return ridgeless_risk(n, p, noise + hidden, squares[:p].sum()) + hidden
