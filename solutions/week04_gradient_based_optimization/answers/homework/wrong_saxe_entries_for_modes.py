"""The logistic equation for each entry of Y.

question: saxe
fails: TestSaxe::test_a_network_with_two_layers
kind: subtle
"""

import numpy as np


def learned_map(Y, a0, t):
    Y = np.asarray(Y, np.float64)
    s = np.where(abs(Y) > 0, abs(Y), 1.0)
    return np.where(abs(Y) > 0, np.sign(Y) * s / (1 + (s / a0 - 1) * np.exp(-2 * s * t)), 0.0)
