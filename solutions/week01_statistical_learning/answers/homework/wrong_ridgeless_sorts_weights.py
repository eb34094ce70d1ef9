"""The student sees the p largest weights.

question: ridgeless
fails: TestRidgeless::test_weak_features
kind: usual
"""

import numpy as np


def weak_features_risk(n, p, weights, noise):
    sq = np.sort(np.asarray(weights) ** 2)[::-1]
    hidden = sq[p:].sum()
    return ridgeless_risk(n, p, noise + hidden, sq[:p].sum()) + hidden
