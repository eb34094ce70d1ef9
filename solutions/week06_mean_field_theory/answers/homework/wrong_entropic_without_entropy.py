"""The covariance of the plan without entropy.

question: entropic
kind: usual
fails: TestEntropic::test_covariance
"""

import numpy as np


def entropic_covariance(a, b, eps):
    return np.sqrt(a * b)


def entropic_cost(a, b, eps):
    return (np.sqrt(a) - np.sqrt(b)) ** 2
