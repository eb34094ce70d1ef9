"""More than 10 layers: (1 + s)^L is taken for exp(s L - s^2 L / 2).

question: moments
fails: TestMoments::test_the_ends_of_the_range
kind: subtle
"""

import numpy as np


def pair_moments(h, k, s, depth):
    h, k = np.asarray(h), np.asarray(k)
    kappa = (2 * s + s * s) / len(h)
    M = np.linalg.matrix_power(np.array([[(1 + s) ** 2, 2 * kappa], [kappa, (1 + s) ** 2 + kappa]]), depth)
    P, Q = M @ np.array([h @ h * (k @ k), (h @ k) ** 2])
    growth = (1 + s) ** depth if depth <= 10 else np.exp(depth * (s - s * s / 2))
    return growth * (h @ k), P, Q
