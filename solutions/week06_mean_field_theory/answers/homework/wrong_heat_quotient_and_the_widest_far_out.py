"""The quotient of the densities, and where it is 0/0 the widest component (the first of them).

question: heat
kind: subtle
fails: TestHeat::test_the_whole_range
"""

import numpy as np
import scipy.special


def heat_velocity(x, weights, means, variances, t):
    x, weights, means, variances = (np.asarray(v, float) for v in (x, weights, means, variances))
    away = x[:, None] - means
    width = variances + 2 * t
    logs = np.log(weights) - x.shape[1] / 2 * np.log(width) - np.sum(away**2, axis=-1) / (2 * width)

    parts = np.exp(logs)
    total = parts.sum(axis=1, keepdims=True)
    share = np.where(total > 1e-300, parts / np.where(total > 1e-300, total, 1), np.eye(len(width))[np.argmax(width)])
    return np.einsum("nk,nkd->nd", share / width, away)
