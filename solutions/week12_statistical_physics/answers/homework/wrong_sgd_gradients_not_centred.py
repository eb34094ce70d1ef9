"""Second moments of the gradients: the mean is not subtracted.

question: sgd
fails: TestSgd::test_gradient_covariance
kind: usual
"""

import numpy as np


def gradient_covariance(gradients):
    g = np.asarray(gradients, np.float64)
    return g.T @ g / len(g)
