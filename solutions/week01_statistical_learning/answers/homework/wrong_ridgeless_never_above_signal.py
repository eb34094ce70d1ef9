"""The risk above the threshold never exceeds the signal (predicting 0).

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
    return min(signal * (1 - n / p) + noise * n / (p - n - 1), signal + noise)
