"""Lengths in place of their squares.

question: moments
fails: TestMoments::test_one_layer
kind: usual
"""

import numpy as np


def pair_moments(h, k, s, depth):
    kappa = (2 * s + s**2) / len(h)
    layer = np.array([[(1 + s) ** 2, 2 * kappa], [kappa, (1 + s) ** 2 + kappa]])
    product = np.dot(h, k)
    P, Q = np.linalg.matrix_power(layer, depth) @ np.array([np.sqrt(np.dot(h, h) * np.dot(k, k)), product**2])
    return (1 + s) ** depth * product, P, Q
