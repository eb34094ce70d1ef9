"""For p > n what is missed is thought to be in the bias already.

question: ridgeless
fails: TestRidgeless::test_weak_features
kind: usual
"""

import numpy as np


def weak_features_risk(n, p, weights, noise):
    sq = np.asarray(weights) ** 2
    hidden = sq[p:].sum()
    return ridgeless_risk(n, p, noise + hidden, sq[:p].sum()) + (hidden if p < n else 0.0)
