"""Takes columns for examples.

question: sgd
fails: TestSgd::test_gradient_covariance
kind: usual
"""

import numpy as np


def gradient_covariance(gradients):
    return np.cov(np.asarray(gradients, np.float64), ddof=0)
