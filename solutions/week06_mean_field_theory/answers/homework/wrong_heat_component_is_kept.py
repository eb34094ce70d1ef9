"""Each particle stretches with the nearest component, which it keeps.

question: heat
kind: usual
fails: TestHeat::test_paths
"""

import numpy as np


def heat_path(x0, weights, means, variances, t):
    x0, means, variances = np.asarray(x0), np.asarray(means), np.asarray(variances)
    own = np.argmin(np.abs(x0[:, None] - means) / np.sqrt(variances), axis=1)
    return means[own] + (x0 - means[own]) * np.sqrt((variances[own] + 2 * t) / variances[own])
