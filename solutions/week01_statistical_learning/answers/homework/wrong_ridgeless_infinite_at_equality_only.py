"""Infinite for p = n only: at n - 1 and n + 1 the formula divides by 0 or goes on.

question: ridgeless
fails: TestRidgeless::test_more_examples_than_weights
kind: usual
"""

import numpy as np


def ridgeless_risk(n, p, noise, signal):
    if p == n:
        return np.inf
    with np.errstate(divide="ignore"):
        ends = np.float64(abs(n - p) - 1)
        return noise * p / max(ends, 0.5) if p < n else signal * (1 - n / p) + noise * n / max(ends, 0.5)


def weak_features_risk(n, p, weights, noise):
    squares = np.asarray(weights) ** 2
    hidden = squares[p:].sum()
    return ridgeless_risk(n, p, noise + hidden, squares[:p].sum()) + hidden
