"""1 - R for its root.

question: gibbs
fails: TestGibbs::test_load
kind: usual
"""

import numpy as np
import scipy.optimize
import scipy.special


def load(R):
    mean = gaussian_mean(lambda t: np.exp(-R * t**2 / 2 - scipy.special.log_ndtr(-np.sqrt(R) * t)))
    return np.pi * R / ((1 - R) * mean)
