"""The square of the sum of hidden weights.

question: ridgeless
fails: TestRidgeless::test_weak_features
kind: usual
"""

import numpy as np


def weak_features_risk(n, p, weights, noise):
    w = np.asarray(weights)
    hidden = w[p:].sum() ** 2
    return ridgeless_risk(n, p, noise + hidden, (w[:p]**2).sum()) + hidden
