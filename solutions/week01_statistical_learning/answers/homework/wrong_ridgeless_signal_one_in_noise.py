"""The noise is taken relative to the signal: division by 0 without signal.

question: ridgeless
fails: TestRidgeless::test_more_weights_than_examples
kind: subtle
"""

import numpy as np


def ridgeless_risk(n, p, noise, signal):
    if abs(n - p) <= 1:
        return np.inf
    if p < n:
        return noise * p / (n - p - 1)
    return signal * ((1 - n / p) + noise / signal * n / (p - n - 1))
