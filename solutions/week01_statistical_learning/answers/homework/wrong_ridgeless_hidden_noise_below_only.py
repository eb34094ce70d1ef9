"""For p > n the interpolator is not disturbed by the hidden part.

question: ridgeless
fails: TestRidgeless::test_weak_features
kind: usual
"""

import numpy as np


def weak_features_risk(n, p, weights, noise):
    sq = np.asarray(weights) ** 2
    hidden = sq[p:].sum()
    return ridgeless_risk(n, p, noise + (hidden if p < n else 0.0), sq[:p].sum()) + hidden
