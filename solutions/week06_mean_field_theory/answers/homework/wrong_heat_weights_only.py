"""Components counted with their weights, not with their densities at the point.

question: heat
kind: usual
fails: TestHeat::test_velocity
"""

import numpy as np


def heat_velocity(x, weights, means, variances, t):
    away = np.asarray(x)[:, None] - np.asarray(means)
    return np.einsum("k,nkd->nd", np.asarray(weights) / (np.asarray(variances) + 2 * t), away)
