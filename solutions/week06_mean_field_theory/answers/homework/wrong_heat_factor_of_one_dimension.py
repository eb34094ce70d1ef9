"""The factor s^(-1/2) in every dimension.

question: heat
kind: usual
fails: TestHeat::test_velocity
"""

import numpy as np
import scipy.special


def heat_velocity(x, weights, means, variances, t):
    away = np.asarray(x)[:, None] - np.asarray(means)
    width = np.asarray(variances) + 2 * t
    logs = np.log(weights) - np.log(width) / 2 - np.sum(away**2, axis=-1) / (2 * width)
    return np.einsum("nk,nkd->nd", scipy.special.softmax(logs, axis=1) / width, away)
