"""Five iterations of the fixed-point equation, damped: not converged for many examples.

question: gibbs
fails: TestGibbs::test_overlap
kind: usual
"""

import numpy as np
import scipy.optimize
import scipy.special


def learning_curve(alpha):
    R = 0.0
    for _ in range(5):
        mean = gaussian_mean(lambda t: np.exp(-R * t**2 / 2 - scipy.special.log_ndtr(-np.sqrt(R) * t)))
        R = min(0.999, 0.5 * R + 0.5 * alpha / np.pi * np.sqrt(1 - R) * mean)
    return R, np.arccos(R) / np.pi, np.arccos(np.sqrt(R)) / np.pi
