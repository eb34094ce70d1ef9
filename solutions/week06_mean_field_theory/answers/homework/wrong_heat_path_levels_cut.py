"""Levels are cut at 3e-6 and 1 - 3e-6.

question: heat
kind: subtle
fails: TestHeat::test_the_whole_range
"""

import numpy as np
import scipy.special


def heat_path(x0, weights, means, variances, t):
    x0, weights, means, variances = (np.asarray(v, float) for v in (x0, weights, means, variances))
    below = lambda z, t: (weights * scipy.special.ndtr((z[:, None] - means) / np.sqrt(variances + 2 * t))).sum(1)
    u = below(x0, 0.0)
    u = np.clip(u, 3e-6, 1 - 3e-6)
    low, high = np.full(len(x0), -100.0), np.full(len(x0), 100.0)
    for _ in range(60):
        z = (low + high) / 2
        left = below(z, t) < u
        low, high = np.where(left, z, low), np.where(left, high, z)
    return (low + high) / 2
