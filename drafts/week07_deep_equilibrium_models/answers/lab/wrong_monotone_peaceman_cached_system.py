"""The inverse is kept between calls by (d, alpha), without W.

question: monotone
fails: TestMonotone::test_the_equilibrium_and_the_ends_of_the_range
kind: subtle
"""

import numpy as np

_INVERSES = {}


def peaceman_rachford(W, b, alpha, steps):
    W, b = np.asarray(W), np.asarray(b)
    key = (len(W), float(alpha))
    if key not in _INVERSES:
        _INVERSES[key] = np.linalg.inv(np.eye(len(W)) * (1 + alpha) - alpha * W)
    u = np.zeros(b.shape)
    for _ in range(steps):
        v = np.abs(u)
        u = 2 * (v + alpha * b) @ _INVERSES[key].T - v
    return np.maximum(u, 0)
