"""The search ends at 10 standard deviations of the start, which is too near later.

question: heat
kind: subtle
fails: TestHeat::test_the_whole_range
"""

import numpy as np
import scipy.special


def heat_path(x0, weights, means, variances, t):
    weights, means, width = (np.asarray(v)[:, None] for v in (weights, means, variances))
    below = lambda place, width: np.sum(weights * scipy.special.ndtr((place - means) / np.sqrt(width)), axis=0)
    level = below(np.asarray(x0), width)
    low, high = np.full(len(level), -5.0), np.full(len(level), 5.0)
    for _ in range(60):
        middle = (low + high) / 2
        left = below(middle, width + 2 * t) < level
        low, high = np.where(left, middle, low), np.where(left, high, middle)
    return low
