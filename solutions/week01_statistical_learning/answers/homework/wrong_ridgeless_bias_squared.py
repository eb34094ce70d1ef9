"""The bias of the mean estimator, squared: (1 - n/p)^2.

question: ridgeless
fails: TestRidgeless::test_more_weights_than_examples
kind: usual
"""

import numpy as np


def ridgeless_risk(n, p, noise, signal):
    if abs(n - p) <= 1:
        return np.inf
    return noise * p / (n - p - 1) if p < n else signal * (1 - n / p) ** 2 + noise * n / (p - n - 1)


def weak_features_risk(n, p, weights, noise):
    squares = np.asarray(weights) ** 2
    hidden = squares[p:].sum()
    return ridgeless_risk(n, p, noise + hidden, squares[:p].sum()) + hidden
