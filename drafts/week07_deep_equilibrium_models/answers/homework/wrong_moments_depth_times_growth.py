"""Linear growth in place of powers.

question: moments
fails: TestMoments::test_several_layers
kind: usual
"""

import numpy as np


def pair_moments(h, k, s, depth):
    kappa = (2 * s + s**2) / len(h)
    layer = np.array([[(1 + s) ** 2, 2 * kappa], [kappa, (1 + s) ** 2 + kappa]])
    product = np.dot(h, k)
    P, Q = (np.eye(2) + depth * (layer - np.eye(2))) @ np.array([np.dot(h, h) * np.dot(k, k), product**2])
    return (1 + depth * s) * product, P, Q
