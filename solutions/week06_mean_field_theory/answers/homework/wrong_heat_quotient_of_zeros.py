"""Densities, and not their logarithms: 0/0 far out.

question: heat
kind: usual
fails: TestHeat::test_the_whole_range
"""

import numpy as np


def heat_velocity(x, weights, means, variances, t):
    away = np.asarray(x)[:, None] - np.asarray(means)
    width = np.asarray(variances) + 2 * t
    dense = np.asarray(weights) * width ** (-away.shape[-1] / 2) * np.exp(-np.sum(away**2, axis=-1) / (2 * width))
    return np.einsum("nk,nkd->nd", dense / width, away) / dense.sum(axis=1, keepdims=True)
