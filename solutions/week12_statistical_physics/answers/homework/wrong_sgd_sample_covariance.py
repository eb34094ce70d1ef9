"""Divides by n - 1, as if the n examples were a sample.

question: sgd
fails: TestSgd::test_gradient_covariance
kind: usual
"""

import numpy as np


def gradient_covariance(gradients):
    return np.cov(np.asarray(gradients, np.float64), rowvar=False)
