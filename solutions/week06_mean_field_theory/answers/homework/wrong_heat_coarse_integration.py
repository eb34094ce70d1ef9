"""Fifty steps of Euler's method.

question: heat
kind: subtle
fails: TestHeat::test_the_whole_range
"""

import numpy as np


def heat_path(x0, weights, means, variances, t):
    x = np.asarray(x0)[:, None]
    for k in range(50):
        x = x + t / 50 * np.asarray(heat_velocity(x, weights, np.asarray(means)[:, None], variances, t * k / 50))
    return x[:, 0]
