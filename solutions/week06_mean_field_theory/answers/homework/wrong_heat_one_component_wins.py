"""Components whose logarithm is more than 12.5 below the best are left out.

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

    logs = np.where(logs < logs.max(axis=1, keepdims=True) - 12.5, -np.inf, logs)
    return np.einsum("nk,nkd->nd", scipy.special.softmax(logs, axis=1) / width, away)
