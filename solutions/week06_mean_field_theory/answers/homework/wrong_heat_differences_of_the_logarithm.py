"""Minus the difference quotient of ln rho with h = 5e-4.

question: heat
kind: subtle
fails: TestHeat::test_the_whole_range
"""

import numpy as np
import scipy.special


def _ln(x, weights, means, variances, t):
    away, width = x[:, None] - means, variances + 2 * t
    return scipy.special.logsumexp(np.log(weights) - x.shape[1] / 2 * np.log(width) - np.sum(away**2, axis=-1) / (2 * width), axis=1)


def heat_velocity(x, weights, means, variances, t):
    x, weights, means, variances = (np.asarray(v, float) for v in (x, weights, means, variances))
    h = 5e-4 * np.eye(x.shape[1])
    return np.stack([-(_ln(x + e, weights, means, variances, t) - _ln(x - e, weights, means, variances, t)) / 1e-3 for e in h], axis=1)
