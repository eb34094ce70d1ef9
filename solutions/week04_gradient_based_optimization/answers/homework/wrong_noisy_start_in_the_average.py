"""w_0 belongs to the average.

question: noisy
fails: TestNoisy::test_mean_squares
kind: usual
"""

import numpy as np


def sgd_mean_squares(lam, sigma, etas, w0):
    mean, mean_sum, var, cov, var_sum = w0, w0, 0.0, 0.0, 0.0
    etas = np.asarray(etas, np.float64)
    for eta in etas:
        keep, kick = 1 - eta * lam, (eta * sigma) ** 2
        mean = keep * mean
        mean_sum = mean_sum + mean
        var_sum = var_sum + 2 * keep * cov + keep**2 * var + kick
        cov = keep * cov + keep**2 * var + kick
        var = keep**2 * var + kick
    return mean**2 + var, (mean_sum**2 + var_sum) / (len(etas) + 1) ** 2
