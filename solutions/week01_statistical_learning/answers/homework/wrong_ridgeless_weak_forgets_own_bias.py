"""In weak features for p > n the bias of the seen part is forgotten.

question: ridgeless
fails: TestRidgeless::test_weak_features
kind: usual
"""

import numpy as np


def weak_features_risk(n, p, weights, noise):
    sq = np.asarray(weights) ** 2
    hidden = sq[p:].sum()
    return ridgeless_risk(n, p, noise + hidden, 0.0) + hidden
