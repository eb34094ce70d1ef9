"""The quotient of densities with a guard: no velocity far out.

question: heat
kind: subtle
fails: TestHeat::test_the_whole_range
"""

import numpy as np


def heat_velocity(x, weights, means, variances, t):
    away = np.asarray(x)[:, None] - np.asarray(means)
    width = np.asarray(variances) + 2 * t
    dense = np.asarray(weights) * width ** (-away.shape[-1] / 2) * np.exp(-np.sum(away**2, axis=-1) / (2 * width))
    return np.einsum("nk,nkd->nd", dense / width, away) / np.maximum(dense.sum(axis=1, keepdims=True), 1e-300)
