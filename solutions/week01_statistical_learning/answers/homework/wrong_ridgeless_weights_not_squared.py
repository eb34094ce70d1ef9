"""Moduli of the weights in place of their squares.

question: ridgeless
fails: TestRidgeless::test_weak_features
kind: subtle
"""

import numpy as np


def ridgeless_risk(n, p, noise, signal):
    if abs(n - p) <= 1:
        return np.inf
    return noise * p / (n - p - 1) if p < n else signal * (1 - n / p) + noise * n / (p - n - 1)


def weak_features_risk(n, p, weights, noise):
    squares = np.abs(np.asarray(weights))
    hidden = squares[p:].sum()
    return ridgeless_risk(n, p, noise + hidden, squares[:p].sum()) + hidden
