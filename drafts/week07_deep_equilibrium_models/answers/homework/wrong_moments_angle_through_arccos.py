"""Parallel inputs are recognised by a tolerance of 1e-3 of the angle's cosine.

question: moments
fails: TestMoments::test_the_ends_of_the_range
kind: subtle
"""

import numpy as np


def pair_moments(h, k, s, depth):
    h, k = np.asarray(h), np.asarray(k)
    c = h @ k / np.sqrt(h @ h * (k @ k))
    c = np.sign(c) if abs(c) > 1 - 1e-3 else 0.0 if abs(c) < 1e-3 else c
    kappa = (2 * s + s * s) / len(h)
    M = np.linalg.matrix_power(np.array([[(1 + s) ** 2, 2 * kappa], [kappa, (1 + s) ** 2 + kappa]]), depth)
    P, Q = h @ h * (k @ k) * (M @ np.array([1.0, c * c]))
    return (1 + s) ** depth * (h @ k), P, Q
