"""The factor of the density for d = 1, 2, 3 from a table (the last for more).

question: heat
kind: subtle
fails: TestHeat::test_velocity
"""

import numpy as np
import scipy.special


def heat_velocity(x, weights, means, variances, t):
    x, weights, means, variances = (np.asarray(v, float) for v in (x, weights, means, variances))
    away = x[:, None] - means
    width = variances + 2 * t
    logs = np.log(weights) - min(x.shape[1], 3) / 2 * np.log(width) - np.sum(away**2, axis=-1) / (2 * width)

    return np.einsum("nk,nkd->nd", scipy.special.softmax(logs, axis=1) / width, away)
