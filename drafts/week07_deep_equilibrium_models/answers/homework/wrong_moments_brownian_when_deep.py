"""For more than 100 layers the exponential of the generator, good to second order in s only.

question: moments
fails: TestMoments::test_the_ends_of_the_range
kind: subtle
"""

import numpy as np
import scipy.linalg


def pair_moments(h, k, s, depth):
    h, k = np.asarray(h), np.asarray(k)
    kappa = (2 * s + s * s) / len(h)
    X = np.array([[2 * s + s * s, 2 * kappa], [kappa, 2 * s + s * s + kappa]])
    start = np.array([h @ h * (k @ k), (h @ k) ** 2])
    if depth <= 100:
        M, growth = np.linalg.matrix_power(np.eye(2) + X, depth), (1 + s) ** depth
    else:
        M, growth = scipy.linalg.expm(depth * (X - X @ X / 2)), np.exp(depth * (s - s * s / 2))
    P, Q = M @ start
    return growth * (h @ k), P, Q
